sub vcl_recv {
  declare local var.count INTEGER;
  var.count = 5;
  var.count += 1;
  req.http.A = "a";
}
