sub vcl_fetch {
  set req.http.A = 10sec;
  set beresp.ttl = 5min;
  set req.http.B = 12abc;
  set req.http.C = 10.0.0.1;
}
