sub vcl_recv {
  set req.restarts = 5;
  set client.ip = "192.0.2.1";
  unset req.url;
}
