# The edge of the campaign, as its team would write it. Dictionaries (edge_settings, redirects, vanity) are declared in
# campaign.yaml and changed by staff; backends are made from there too (F_origin).

acl staff {
  "127.0.0.1";
  "::1";
  "192.0.2.0"/24;
}

sub vcl_recv {
  #FASTLY recv

  # Who may make the edge forget a page: staff; everybody else has "hq purge".
  if (req.is_purge && !(client.ip ~ staff)) {
    error 403 "staff only";
  }

  # Who asks, for tests: a header stands for the country; a CDN would know it by itself.
  if (!req.http.X-Country) {
    set req.http.X-Country = "US";
  }

  # Who is kept out, by staff, while the edge runs.
  if (client.ip ~ blocked) {
    error 403 "blocked";
  }

  if (table.lookup(edge_settings, "non_us_ban", "off") == "on" && req.http.X-Country != "US") {
    error 603 "not available in your country";
  }

  if (table.lookup(edge_settings, "read_only", "off") == "on"
      && req.method != "GET"
      && req.method != "HEAD") {
    error 604 "read-only";
  }

  # The forms. No backend takes them in this example: the edge sends to the page that says thanks, and keeps nothing.
  # With a backend for them, its place is here: set req.backend = F_forms; return(pass).
  if (req.method == "POST" && req.url.path == "/join") {
    error 605 "/welcome/";
  }
  if (req.method == "POST" && req.url.path == "/give") {
    error 605 "/thank-you/";
  }

  # A status before the target, as in "302 /live", goes over what is usual here: 301 for redirects, 302 for short links.
  if (table.contains(redirects, req.url.path)) {
    set req.http.X-Redirect = table.lookup(redirects, req.url.path);
    error 601 "301";
  }
  if (table.contains(vanity, std.tolower(req.url.path))) {
    set req.http.X-Redirect = table.lookup(vanity, std.tolower(req.url.path));
    error 601 "302";
  }

  # Pages for staff alone.
  if (req.url.path ~ "^/staff/" && !(client.ip ~ staff)) {
    error 403 "staff only";
  }

  # One copy for every visitor: what trackers add to an address, and cookies, choose nothing here.
  set req.url = querystring.regfilter(req.url, "^(utm_|fbclid|gclid)");
  unset req.http.Cookie;
  if (req.http.Accept-Encoding ~ "gzip") {
    set req.http.Accept-Encoding = "gzip";
  } else {
    unset req.http.Accept-Encoding;
  }

  set req.backend = F_origin;
  if (req.method != "HEAD" && req.method != "GET" && !req.is_purge) {
    return(pass);
  }
  return(lookup);
}

sub vcl_hash {
  set req.hash += req.url;
  set req.hash += req.http.host;
  #FASTLY hash
  return(hash);
}

sub vcl_hit {
  #FASTLY hit
  return(deliver);
}

sub vcl_miss {
  #FASTLY miss
  return(fetch);
}

sub vcl_pass {
  #FASTLY pass
  return(pass);
}

sub vcl_fetch {
  #FASTLY fetch

  # An origin in trouble: what we have is better than an error.
  if (beresp.status >= 500 && beresp.status < 600) {
    if (stale.exists) {
      return(deliver_stale);
    }
    set beresp.cacheable = false;
    return(deliver);
  }

  if (beresp.http.Set-Cookie) {
    return(pass);
  }
  set beresp.stale_if_error = 1d;
  return(deliver);
}

sub vcl_error {
  #FASTLY error

  if (obj.status == 601) {
    set obj.status = std.atoi(obj.response);
    set obj.http.Location = req.http.X-Redirect;
    if (req.http.X-Redirect ~ "^(30[12378]) (.+)$") {
      set obj.status = std.atoi(re.group.1);
      set obj.http.Location = re.group.2;
    }
    if (obj.status == 301 || obj.status == 308) {
      set obj.response = "Moved Permanently";
    } else {
      set obj.response = "Found";
    }
    synthetic "";
    return(deliver);
  }

  if (obj.status == 605) {
    set obj.http.Location = obj.response;
    set obj.status = 303;
    set obj.response = "See Other";
    synthetic "";
    return(deliver);
  }

  if (obj.status >= 500 && obj.status < 600 && stale.exists) {
    return(deliver_stale);
  }

  declare local var.title STRING;
  declare local var.text STRING;
  set var.title = "We will be right back";
  set var.text = "Something went wrong on our side. Please try again in a minute.";
  if (obj.status == 603) {
    set obj.status = 451;
    set obj.response = "Unavailable For Legal Reasons";
    set var.title = "Not available where you are";
    set var.text = "Federal law lets us show this to visitors from the United States only.";
  } elsif (obj.status == 604) {
    set obj.status = 503;
    set obj.response = "Service Unavailable";
    set obj.http.Retry-After = "600";
    set var.title = "Back in a few minutes";
    set var.text = "You can read everything; forms open again soon.";
  } elsif (obj.response == "blocked") {
    set obj.response = "Forbidden";
    set var.title = "Not for you";
    set var.text = "Requests from your network are not answered at the moment.";
  } elsif (obj.status == 403) {
    set var.title = "For staff";
    set var.text = "This page is for the campaign's staff.";
  }
  set obj.http.Content-Type = "text/html; charset=utf-8";
  set obj.http.Cache-Control = "no-store";
  synthetic {"<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>"} var.title {"</title><style>body{font:18px/1.5 Georgia,serif;max-width:34em;margin:15vh auto;padding:0 1em;color:#1a2233}h1{font-size:2em}</style>
<h1>"} var.title {"</h1><p>"} var.text {"</p>"};
  return(deliver);
}

sub vcl_deliver {
  #FASTLY deliver

  set resp.http.Strict-Transport-Security = "max-age=31536000";
  set resp.http.X-Content-Type-Options = "nosniff";
  set resp.http.Referrer-Policy = "strict-origin-when-cross-origin";
  set resp.http.X-Frame-Options = "SAMEORIGIN";
  if (table.lookup(edge_settings, "donate_banner", "off") != "off") {
    set resp.http.X-Donate-Banner = table.lookup(edge_settings, "donate_banner");
  }
  return(deliver);
}

sub vcl_log {
  #FASTLY log
}
