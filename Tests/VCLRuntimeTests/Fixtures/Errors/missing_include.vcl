include "nothing.vcl";

sub vcl_recv {
  include "snippet::nothing";
  include req.url;
}
