sub vcl_recv {
  set beresp.ttl = 5s;
  set resp.http.A = "a";
  esi;
  synthetic "a";
}
