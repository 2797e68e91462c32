sub vcl_recv {
  set req.http.A = "a;
  set req.http.B = "b";
  set req.http.C = {"c";
}

