sub vcl_recv {
  switch(req.http.Host){
  // the main site
  case "a.example.com":case "b.example.com":
    if (a) { switch (b) { case ~ "x": esi; break; default: break; } }
    // still the first
    break;

  // the rest
  default: { set a = b; }
  fallthrough;
  }
  goto end;
  { esi; }

  end:
}
