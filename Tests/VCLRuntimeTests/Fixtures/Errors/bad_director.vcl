backend F_origin {
  .host = "192.0.2.1";
}

director one randm {
  { .backend = F_origin; }
}

director two random {
  { .backend = F_orign; .weight = 1; }
}
