backend F_a {
  .prot = "80";
}

backend F_b {
  .host = "192.0.2.1";
  .port = "99999";
  .connect_timeout = 5;
}
