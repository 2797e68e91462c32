sub vcl_recv {
  set req.ulr = "/";
  set req.http.A = req.http.B client.ipp;
  set var.x = 5;
}
