sub vcl_recv {
  restart;
}

/* never closed
