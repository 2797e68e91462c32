sub vcl_recv {
  declare local var.n INTEGER;
  declare local var.t RTIME;
  set var.n = "five";
  set var.t = 5;
  set var.n = true;
  if (var.n) {
    restart;
  }
}
