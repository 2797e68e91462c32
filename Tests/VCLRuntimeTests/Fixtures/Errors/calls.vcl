sub vcl_recv {
  call ;
  call "other";
  error 404, "not found";
  std.collect(req.http.A req.http.B, ;
  return lookup pass
}
