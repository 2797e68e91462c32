backend F_origin {
  host = "a";
  .port "80";
  .ssl = true
  .connect_timeout = 1 s;
}

director pool random {
  .quorum = 50%
  { .backend = F_origin; weight = 1; }
}
