sub vcl_recv {
  if (req.http.A == req.http.B == req.http.C) {
    restart;
  }
}
