sub vcl_recv {
  restart;;
  if (req.http.A) {
  };
}
;
