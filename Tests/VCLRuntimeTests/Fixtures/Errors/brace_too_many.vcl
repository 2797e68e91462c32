sub vcl_recv {
  if (req.http.A) {
    set req.http.B = "b";
  }
  }
  set req.http.C = "c";
}

sub vcl_deliver {
  unset;
}
