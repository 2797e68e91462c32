# header

# second


sub a { // on the brace

  // first

  esi; /* behind */ restart;
  /* before */ set req.http.A /* in */ = /* the */ "middle"; // end
  if (a // why
    && b /* really */ ) // then
  { }
  set a = "x" // one
    // two
    "y";
  call b( /* none */ );
  // last
}

table t { // t
  // before
  "a": "b" // no comma
  , "c": /* v */ "d"
  // end
}

director d fallback { // d
  // member
  { .backend = F_a; } // first
  { .backend = F_b; /* x */ }
}

acl x { // x
  "a"; // a
  // b
}
// tail

sub short_comments {
  set req.url = ( #!
    "a");
}
