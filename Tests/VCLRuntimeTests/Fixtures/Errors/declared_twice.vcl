acl a {
}

acl a {
}

sub b {
}

sub b {
}

sub vcl_recv {
  declare local var.a STRING;
  declare local var.a INTEGER;
}
