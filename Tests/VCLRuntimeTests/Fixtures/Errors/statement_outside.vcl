set req.http.A = "a";

#FASTLY recv

sub vcl_recv {
  #FASTLY recv
}
