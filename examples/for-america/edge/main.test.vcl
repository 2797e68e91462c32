# Tests of main.vcl, one state at a time. Whole requests, with the cache and the origin, are in requests.test.yaml.
# Dictionaries hold what campaign.yaml begins with: /store -> /donate, /join -> /events/, the banner is on.

// @scope: recv
// @suite: a page for everybody is looked up, on the campaign's own origin
sub test_page {
  set req.url = "/issues/?utm_source=mail&page=2&fbclid=x&gclid=y";
  set req.http.Cookie = "session=1";
  set req.http.Accept-Encoding = "br, gzip;q=0.8";
  testing.call_subroutine("vcl_recv");
  assert.state(lookup);
  assert.equal(req.backend, F_origin);
  assert.equal(req.url, "/issues/?page=2");
  assert.is_notset(req.http.Cookie);
  assert.equal(req.http.Accept-Encoding, "gzip");
  assert.equal(req.http.X-Country, "US");
}

// @scope: recv
// @suite: who takes no gzip gets the page as it is
sub test_no_gzip {
  set req.http.Accept-Encoding = "br";
  testing.call_subroutine("vcl_recv");
  assert.is_notset(req.http.Accept-Encoding);
}

// @scope: recv
// @suite: HEAD is looked up, everything else goes to the origin
sub test_methods {
  set req.method = "HEAD";
  testing.call_subroutine("vcl_recv");
  assert.state(lookup);
  set req.method = "PUT";
  testing.call_subroutine("vcl_recv");
  assert.state(pass);
}

describe staff {
  // @suite: may make the edge forget a page
  sub test_purge_recv {
    testing.inject_variable("req.is_purge", true);
    testing.inject_variable("client.ip", "192.0.2.77");
    set req.method = "FASTLYPURGE";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }

  // @suite: see their pages
  sub test_page_recv {
    testing.inject_variable("req.is_purge", false);
    set req.method = "GET";
    set req.url = "/staff/phones/";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }
}

describe strangers {
  before_recv {
    testing.inject_variable("client.ip", "198.51.100.1");
  }

  // @suite: purge nothing
  sub test_purge_recv {
    testing.inject_variable("req.is_purge", true);
    testing.call_subroutine("vcl_recv");
    assert.error(403, "staff only");
  }

  // @suite: do not see the staff's pages
  sub test_page_recv {
    testing.inject_variable("req.is_purge", false);
    set req.url = "/staff/";
    testing.call_subroutine("vcl_recv");
    assert.error(403, "staff only");
  }

  // @suite: see a page whose name only begins so
  sub test_lookalike_recv {
    set req.url = "/staffing/";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }
}

describe switches {
  // @suite: non_us_ban keeps other countries out
  sub test_ban_recv {
    testing.table_set(edge_settings, "non_us_ban", "on");
    set req.http.X-Country = "FR";
    testing.call_subroutine("vcl_recv");
    assert.error(603, "not available in your country");
  }

  // @suite: and lets its own in
  sub test_ban_at_home_recv {
    set req.http.X-Country = "US";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }

  // @suite: read_only refuses forms
  sub test_read_only_recv {
    testing.table_set(edge_settings, "read_only", "on");
    set req.method = "POST";
    set req.url = "/join";
    testing.call_subroutine("vcl_recv");
    assert.error(604, "read-only");
  }

  // @suite: and shows pages
  sub test_read_only_page_recv {
    set req.method = "GET";
    set req.url = "/issues/";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
    set req.method = "HEAD";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }
}

describe forms {
  // @suite: who joins is thanked
  sub test_join_recv {
    set req.method = "POST";
    set req.url = "/join?from=home";
    testing.call_subroutine("vcl_recv");
    assert.error(605, "/welcome/");
  }

  // @suite: who gives is thanked
  sub test_give_recv {
    set req.url = "/give";
    testing.call_subroutine("vcl_recv");
    assert.error(605, "/thank-you/");
  }

  // @suite: any other form passes
  sub test_other_recv {
    set req.url = "/ask";
    testing.call_subroutine("vcl_recv");
    assert.state(pass);
  }
}

describe addresses {
  // @suite: a redirect is exact
  sub test_redirect_recv {
    set req.url = "/store?size=m";
    testing.call_subroutine("vcl_recv");
    assert.error(601, "301");
    assert.equal(req.http.X-Redirect, "/donate");
  }

  // @suite: so that another case is another page
  sub test_redirect_case_recv {
    set req.url = "/Store";
    testing.call_subroutine("vcl_recv");
    assert.state(lookup);
  }

  // @suite: a short link works however it is typed
  sub test_vanity_recv {
    set req.url = "/JOIN";
    testing.call_subroutine("vcl_recv");
    assert.error(601, "302");
    assert.equal(req.http.X-Redirect, "/events/");
  }

  // @suite: what staff add works at once
  sub test_added_recv {
    testing.table_set(redirects, "/debate", "https://live.example/debate");
    set req.url = "/debate";
    testing.call_subroutine("vcl_recv");
    assert.error(601, "301");
    assert.equal(req.http.X-Redirect, "https://live.example/debate");
  }
}

// @scope: hash
// @suite: a page is kept by its address and its host
sub test_key {
  set req.url = "/a";
  set req.http.Host = "www.foramerica.example";
  testing.call_subroutine("vcl_hash");
  assert.state(hash);
  assert.match(req.hash, "^/a.www\.foramerica\.example.$");
}

// @scope: hit
sub test_hit {
  testing.call_subroutine("vcl_hit");
  assert.state(deliver);
}

// @scope: miss
sub test_miss {
  testing.call_subroutine("vcl_miss");
  assert.state(fetch);
}

// @scope: pass
sub test_pass {
  testing.call_subroutine("vcl_pass");
  assert.state(pass);
}

describe answers {
  // @suite: a good one may be shown for a day when the origin is away
  sub test_good_fetch {
    set beresp.ttl = 60s;
    testing.call_subroutine("vcl_fetch");
    assert.state(deliver);
    assert.equal(beresp.stale_if_error, 1d);
  }

  // @suite: one with a cookie is for one visitor
  sub test_cookie_fetch {
    set beresp.http.Set-Cookie = "session=1";
    testing.call_subroutine("vcl_fetch");
    assert.state(pass);
  }

  // @suite: an error is not kept
  sub test_error_fetch {
    unset beresp.http.Set-Cookie;
    set beresp.status = 500;
    testing.call_subroutine("vcl_fetch");
    assert.state(deliver);
    assert.false(beresp.cacheable);
    set beresp.status = 599;
    testing.call_subroutine("vcl_fetch");
    assert.false(beresp.cacheable);
  }

  // @suite: what we have is better than an error
  sub test_stale_fetch {
    testing.inject_variable("stale.exists", true);
    set beresp.status = 503;
    testing.call_subroutine("vcl_fetch");
    assert.state(deliver_stale);
  }
}

describe made_here {
  // @suite: a redirect
  sub test_redirect_error {
    set obj.status = 601;
    set obj.response = "301";
    set req.http.X-Redirect = "/donate";
    testing.call_subroutine("vcl_error");
    assert.state(deliver);
    assert.equal(obj.status, 301);
    assert.equal(obj.response, "Moved Permanently");
    assert.equal(obj.http.Location, "/donate");
    assert.equal(testing.synthetic_body, "");
  }

  // @suite: a short link
  sub test_vanity_error {
    set obj.status = 601;
    set obj.response = "302";
    set req.http.X-Redirect = "/events/";
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 302);
    assert.equal(obj.response, "Found");
    assert.equal(obj.http.Location, "/events/");
  }

  // @suite: a redirect with a status of its own
  sub test_own_status_error {
    set obj.status = 601;
    set obj.response = "301";
    set req.http.X-Redirect = "307 /live/";
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 307);
    assert.equal(obj.http.Location, "/live/");
  }

  // @suite: thanks for a form
  sub test_form_error {
    set obj.status = 605;
    set obj.response = "/welcome/";
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 303);
    assert.equal(obj.response, "See Other");
    assert.equal(obj.http.Location, "/welcome/");
  }

  // @suite: not in this country
  sub test_ban_error {
    set obj.status = 603;
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 451);
    assert.equal(obj.response, "Unavailable For Legal Reasons");
    assert.contains(testing.synthetic_body, "<h1>Not available where you are</h1>");
  }

  // @suite: read only
  sub test_read_only_error {
    set obj.status = 604;
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 503);
    assert.equal(obj.http.Retry-After, "600");
    assert.contains(testing.synthetic_body, "forms open again soon");
  }

  // @suite: staff only
  sub test_staff_error {
    set obj.status = 403;
    testing.call_subroutine("vcl_error");
    assert.equal(obj.status, 403);
    assert.contains(testing.synthetic_body, "<h1>For staff</h1>");
  }

  // @suite: a failure that nobody foresaw
  sub test_failure_error {
    set obj.status = 502;
    testing.call_subroutine("vcl_error");
    assert.state(deliver);
    assert.equal(obj.http.Content-Type, "text/html; charset=utf-8");
    assert.equal(obj.http.Cache-Control, "no-store");
    assert.contains(testing.synthetic_body, "<h1>We will be right back</h1>");
  }

  // @suite: and one for which we have an older page
  sub test_stale_error {
    testing.inject_variable("stale.exists", true);
    set obj.status = 503;
    testing.call_subroutine("vcl_error");
    assert.state(deliver_stale);
  }
}

describe every_page {
  // @suite: says how browsers must treat it
  sub test_security_deliver {
    testing.call_subroutine("vcl_deliver");
    assert.state(deliver);
    assert.equal(resp.http.Strict-Transport-Security, "max-age=31536000");
    assert.equal(resp.http.X-Content-Type-Options, "nosniff");
    assert.equal(resp.http.Referrer-Policy, "strict-origin-when-cross-origin");
    assert.equal(resp.http.X-Frame-Options, "SAMEORIGIN");
    assert.equal(resp.http.X-Donate-Banner, "on");
  }

  // @suite: has no banner when that is off
  sub test_banner_deliver {
    unset resp.http.X-Donate-Banner;
    testing.table_set(edge_settings, "donate_banner", "off");
    testing.call_subroutine("vcl_deliver");
    assert.is_notset(resp.http.X-Donate-Banner);
  }
}

// @scope: log
sub test_log {
  testing.call_subroutine("vcl_log");
  assert.state(none);
}
