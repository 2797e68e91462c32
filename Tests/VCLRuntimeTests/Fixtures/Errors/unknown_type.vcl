sub f STRNG {
  return "a";
}

sub vcl_recv {
  declare local var.a INT;
  declare local var.b STRING;
  set var.b = "b";
}
