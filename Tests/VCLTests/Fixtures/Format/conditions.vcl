sub vcl_recv {
  if ((req.http.Host == "www.example.com" || req.http.Host == "example.com") && req.url.path ~ "^/donate" && !req.http.Fastly-SSL) { error 801; }
  if (req.http.A-Header-With-A-Long-Name == "one long value" || (req.http.B-Header-With-A-Long-Name == "another long value" && (req.http.C-Header-With-A-Long-Name ~ "x" || req.http.D-Header-With-A-Long-Name ~ "y"))) { esi; }
  else if (!req.http.A) { restart; } elsif(a){} elseif (b) {}
  if (req.url ~ "^/a-very-long-regular-expression-that-cannot-be-broken-however-hard-one-tries-because-it-is-one-word/[a-z]+$") { esi; }
  if (std.strlen(querystring.filter_except(req.url, "utm_source" querystring.filtersep() "utm_medium" querystring.filtersep() "utm_campaign")) > 100) {esi;}
}
