sub vcl_recv {
  if (req.http.A) {
    set req.http.B = "b";

sub vcl_deliver {
  set resp.http.A "a";
}
