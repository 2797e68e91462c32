sub vcl_recv {
  return(fetch);
}

sub vcl_hash {
  restart;
}

sub vcl_log {
  error 500;
}
