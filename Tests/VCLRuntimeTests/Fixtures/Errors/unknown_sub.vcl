sub normalise {
  set req.http.A = "a";
}

sub vcl_recv {
  call normalize;
  call nothing_like_it;
}
