sub vcl_recv {
  if req.http.A {
    set req.http.B = ;
  }
}
