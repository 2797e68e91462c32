sub vcl_recv {
  if (req.http.A and req.http.B) {
    restart;
  }
  if (not req.http.A) {
    restart;
  }
  if (req.http.A & req.http.B) {
    restart;
  }
}
