sub vcl_recieve {
  set req.http.A = "a";
}
