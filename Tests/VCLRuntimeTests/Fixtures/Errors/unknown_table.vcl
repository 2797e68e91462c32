table redirects {
  "/a": "/b",
}

sub vcl_recv {
  set req.http.A = table.lookup(redirect, req.url);
  if (table.contains(nothing_like_it, "a")) {
    restart;
  }
}
