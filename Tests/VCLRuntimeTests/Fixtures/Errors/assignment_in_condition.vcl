sub vcl_recv {
  if (req.http.A = "a") {
    set req.http.B == "b";
  }
}
