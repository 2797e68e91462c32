backend F_origin {
  .host = "192.0.2.1";
}

sub vcl_recv {
  set req.backend = F_orign;
  set req.backend = nothing;
}
