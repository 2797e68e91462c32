sub vcl_recv {
  if (req.http.A) {
  } else {
  } else if (req.http.B) {
  }
}
