table flags BOOL {
  "a": "true",
  "b": 5,
}

table t STRANGE {
  "a": "b",
}

table twice {
  "a": "b",
  "a": "c",
}

sub vcl_recv {
  set req.url = ;
}
