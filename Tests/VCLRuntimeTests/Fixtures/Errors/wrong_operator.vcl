sub vcl_recv {
  declare local var.b BOOL;
  set var.b += true;
  set req.http.A *= 5;
  if (req.http.A < "b") {
    restart;
  }
}
