sub vcl_recv {
  declare var.a STRING;
  declare local var.b;
  declare local STRING var.c;
  var d = 5;
}
