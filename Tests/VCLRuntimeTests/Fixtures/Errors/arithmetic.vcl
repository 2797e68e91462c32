sub vcl_recv {
  declare local var.count INTEGER;
  set var.count = var.count * 2;
  set var.count = var.count - 1;
}
