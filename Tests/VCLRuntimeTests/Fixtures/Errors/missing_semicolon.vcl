sub vcl_recv {
  set req.http.A = "a"
  set req.http.B = "b";
  log "c"
}
