sub vcl_recv {
  if (req.http.A) return(pass);
  set req.http.B = "b" "c;
  return(lookup);
}
