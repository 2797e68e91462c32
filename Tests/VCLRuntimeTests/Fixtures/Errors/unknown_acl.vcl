acl staff {
  "192.0.2.1";
}

sub vcl_recv {
  if (client.ip ~ staf) {
    restart;
  }
}
