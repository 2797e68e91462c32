sub vcl_recv {
  if (req.http.A) {
    restart;
  }
  set req.http.B = "b";
  else {
    set req.http.C "c";
  }
}
