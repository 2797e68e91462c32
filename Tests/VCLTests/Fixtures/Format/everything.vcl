pragma optional_param geoip_opt_in true;
C!
W!
/* license
   text */


import std;
include "a.vcl";
// about the acl
acl staff { "192.0.2.0"/24; // office
! "192.0.2.7";
/* x */ "::1"; }
table t BOOL { "on": true, // yes
   "off"  :false // no
   }
table e {}
backend F_a { .host = "a" ; .port="443";

.probe = { .request = "GET / HTTP/1.1" "Host: example.com" "Connection: close" "User-Agent: something long enough to break the line"; .window=5; } }
director d random { .quorum=50%; {.backend=F_a;.weight=1;} { .backend = F_b; // no
.weight=2; } }
sub vcl_recv {

#FASTLY recv
  if(req.http.Cookie:a=="b"&&!(req.url~"^/a"||req.url~"^/b")||client.ip~staff&&req.http.X-Forwarded-For !~ "^10\.") { esi; }
  // between
  else if (a) { restart; } // trailing
  else { /* why */ error 601 "x"; }


  set req.http.A="a" req.http.B+"c" if(req.http.C,"d","e") "some more text which is long" req.http.Foo "and more text";
  switch(req.url) { // sw
  // first
  case "1": esi; break;
  case ~ "2":
  default: log "x"; 
  // end
  }
  std.collect(req.http.A, /* sep */ ", ");
  set a = b // hm
  ;
  return (lookup);
  out:
  call f(1,-2);

}
// last
