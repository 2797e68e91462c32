sub vcl_recv {
  if (req.url ~ "^/(a") {
    restart;
  }
  set req.http.A = regsub(req.url, "[a-", "");
  if (req.url ~ req.http.B) {
    restart;
  }
}
