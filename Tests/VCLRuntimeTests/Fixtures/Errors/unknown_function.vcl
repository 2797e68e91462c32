sub vcl_recv {
  set req.http.A = std.tolowwer(req.url);
  set req.http.B = nothing.like_it("a");
}
