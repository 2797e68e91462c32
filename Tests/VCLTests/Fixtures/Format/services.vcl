backend F_origin{.host="a.example.com";.port="443";.ssl=true;.share_key="x";
  .probe={.dummy=true;.interval=10s;};
}
director one hash{.quorum=20%;{.backend=F_origin;.weight=1;};}
director two chash { .key = client; .seed = 5; { .backend = F_origin_with_a_really_long_name_indeed; .id = "a-long-identifier-of-a-member"; } }
director three shield { .shield="iad-va-us"; .is_ssl = true; }
penaltybox p{}ratecounter r { }
table routes BACKEND { "/a":F_origin,"/b":F_origin}
table empty STRING {

}
sub f(STRING var.a,INTEGER var.b) BOOL { declare local var.c IP="192.0.2.1"; return var.a=="x"; }
