sub vcl_recv {
  switch (req.url) {
    restart;
    case "a"
      restart;
    case "b":
      break;
    default
      break;
  }
  case "c":
  break;
}
