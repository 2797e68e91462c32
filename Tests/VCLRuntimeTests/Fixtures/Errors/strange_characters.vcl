sub vcl_recv {
  set req.http.A = $a;
  set req.http.B = a ? "b" : "c";
  set req.http.C = list[0];
}
