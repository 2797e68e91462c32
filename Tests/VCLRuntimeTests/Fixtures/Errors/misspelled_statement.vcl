sub vcl_recv {
  sett req.http.A = "a";
  retrun(lookup);
  unst req.http.A;
  other_sub;
}
