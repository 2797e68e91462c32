sbu vcl_recv {
  restart;
}

backned F_origin {
  .host = "a";
}

program {
}
