sub vcl_recv {
  set req.http.A = std.strlen();
  set req.http.B = regsub(req.url, "a");
  set req.http.C = std.tolower("a", "b");
}
