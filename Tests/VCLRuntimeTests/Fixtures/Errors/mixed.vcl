acl staff {
  "10.0.0.0/8";
}

sub vcl_recv {
  set req.http.A = "a"
  set req.ulr = "/";
  if (client.ip ~ stuff) {
    return(fetch);
  }
}
