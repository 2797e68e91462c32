"""Programs in Fastly's dialect for the VCL measurements: as many lines as wanted, about 35 bytes each, and varied as
real ones are. The same numbers make the same program."""

BACKEND = """backend F_origin_%(n)d {
  .host = "127.0.0.1";
  .port = "80%(n)02d";
  .connect_timeout = 1s;
  .first_byte_timeout = 15s;
  .between_bytes_timeout = 10s;
}
"""

SUB = """
# Section %(n)d: where its pages come from, and what visitors see.
sub section_%(n)d {
  declare local var.path STRING;
  declare local var.count INTEGER;
  set var.path = std.tolower(req.url.path);
  set var.count = %(n)d;
  if (var.path ~ "^/section-%(n)d/([a-z0-9-]+)/?$") {
    set req.http.X-Section = re.group.1;
    set req.http.X-Number = "%(n)d";
    unset req.http.X-Other;
  } elsif (var.path == "/old-%(n)d" || var.path == "/older-%(n)d") {
    # Moved long ago.
    error 601 "/section-%(n)d/";
  } else {
    set var.count += 1;
  }
  if (table.contains(pages_%(t)d, var.path) && req.method == "GET") {
    set req.http.X-Page = table.lookup(pages_%(t)d, var.path, "none");
    log "section %(n)d: " req.http.X-Page " for " client.ip;
  }
  if (client.ip ~ office_%(t)d && !req.http.Fastly-FF) {
    set req.backend = F_origin_%(t)d;
    set req.http.X-Staff = "1";
  }
  switch (req.http.Accept-Language) {
    case "de":
      set req.http.X-Language = "de";
      break;
    case ~ "^en-(GB|US)":
      set req.http.X-Language = "en";
      break;
    default:
      set req.http.X-Language = substr(var.path, 1, 2);
      break;
  }
  if (req.http.Cookie:session-%(n)d && var.count > 10) {
    set req.http.X-Session = digest.hash_sha256(req.http.Cookie:session-%(n)d);
    set req.url = querystring.filter(req.url, "utm_source");
  }
  if (req.http.User-Agent ~ "(?i)(bot|crawler|spider)" && randombool(1, 10)) {
    set req.http.X-Bot = if(req.http.User-Agent ~ "Google", "google", "other");
  }
}
"""

RECV = """
sub vcl_recv {
#FASTLY recv
  if (req.url == "/answer") {
    error 700 "%s";
  }
  if (req.method != "GET" && req.method != "HEAD") {
    return(pass);
  }
%s  return(lookup);
}

sub vcl_fetch {
#FASTLY fetch
  set beresp.ttl = 3600s;
  set beresp.http.Surrogate-Key = "all";
  return(deliver);
}

sub vcl_error {
#FASTLY error
  if (obj.status == 601) {
    set obj.http.Location = obj.response;
    set obj.status = 301;
    synthetic "";
  }
  if (obj.status == 700) {
    set obj.status = 200;
    synthetic obj.response;
  }
  return(deliver);
}
"""


def shared(number):
    """One backend, one ACL and one table that subs use."""
    addresses = "".join(f'  "192.0.{number}.{part}"/32;\n' for part in range(8))
    pages = "".join(f'  "/page-{number}-{page}": "/section-{number}/{page}/",\n' for page in range(20))
    return (BACKEND % {"n": number}
            + f"acl office_{number} {{\n  \"10.{number}.0.0\"/16;\n  \"2001:db8:{number}::\"/48;\n{addresses}}}\n"
            + f"table pages_{number} {{\n{pages}}}\n")


SHARED = 6


def program(lines, answer="first"):
    """A whole program of about so many lines; asked for /answer it says `answer`."""
    head = "".join(shared(number) for number in range(SHARED))
    count = sections(lines)
    subs = "".join(SUB % {"n": number, "t": number % SHARED} for number in range(count))
    return head + subs + RECV % (answer, "".join(f"  call section_{number};\n" for number in range(count)))


def sections(lines):
    """How many sections make a program of about so many lines."""
    rest = lines - sum(shared(number).count("\n") for number in range(SHARED)) - RECV.count("\n")
    return max(1, rest // (SUB.count("\n") + 1))


VARNISH_SUB = """
# Section %(n)d: where its pages come from, and what visitors see.
sub section_%(n)d {
  set req.http.X-Path = std.tolower(regsub(req.url, "\\?.*$", ""));
  if (req.http.X-Path ~ "^/section-%(n)d/([a-z0-9-]+)/?$") {
    set req.http.X-Section = regsub(req.http.X-Path, "^/section-%(n)d/([a-z0-9-]+)/?$", "\\1");
    set req.http.X-Number = "%(n)d";
    unset req.http.X-Other;
  } elsif (req.http.X-Path == "/old-%(n)d" || req.http.X-Path == "/older-%(n)d") {
    # Moved long ago.
    return (synth(601, "/section-%(n)d/"));
  } else {
    set req.http.X-Count = "%(n)d";
  }
  if (client.ip ~ office_%(t)d && !req.http.Fastly-FF) {
    set req.backend_hint = F_origin_%(t)d;
    set req.http.X-Staff = "1";
  }
  if (req.http.Accept-Language == "de") {
    set req.http.X-Language = "de";
  } elsif (req.http.Accept-Language ~ "^en-(GB|US)") {
    set req.http.X-Language = "en";
  } else {
    set req.http.X-Language = regsub(req.http.X-Path, "^/(..).*$", "\\1");
  }
  if (req.http.Cookie ~ "session-%(n)d=" && req.method == "GET") {
    set req.http.X-Session = regsub(req.http.Cookie, ".*session-%(n)d=([^;]*).*", "\\1");
    set req.url = regsub(req.url, "utm_source=[^&]*", "");
  }
  if (req.http.User-Agent ~ "(?i)(bot|crawler|spider)") {
    set req.http.X-Bot = "other";
    if (req.http.User-Agent ~ "Google") {
      set req.http.X-Bot = "google";
    }
  }
}
"""

VARNISH = """
sub vcl_recv {
  if (req.url == "/answer") {
    return (synth(700, "%s"));
  }
%s}

sub vcl_synth {
  set resp.body = resp.reason;
  set resp.status = 200;
  return (deliver);
}
"""


def varnish(lines, answer="first"):
    """The same in Varnish's dialect, as far as it has the words; as many lines."""
    head = "vcl 4.1;\nimport std;\n"
    for number in range(SHARED):
        head += f'backend F_origin_{number} {{ .host = "127.0.0.1"; .port = "80{number:02}"; }}\n'
        head += f'acl office_{number} {{ "10.{number}.0.0"/16; "2001:db8:{number}::"/48; }}\n'
    count = max(1, (lines - head.count("\n") - VARNISH.count("\n")) // (VARNISH_SUB.count("\n") + 1))
    subs = "".join(VARNISH_SUB % {"n": number, "t": number % SHARED} for number in range(count))
    return head + subs + VARNISH % (answer, "".join(f"  call section_{number};\n" for number in range(count)))


TEST = """
// @scope: recv
// @suite: section %(n)d of round %(round)d
sub test_%(round)d_%(n)d {
  set req.url = "/section-%(n)d/page";
  testing.call_subroutine("section_%(n)d");
  assert.equal(req.http.X-Section, "page");
  assert.equal(req.http.X-Number, "%(n)d");
}
"""


def tests(count, lines):
    """A file of so many unit tests for a program of so many lines."""
    all = sections(lines)
    return "".join(TEST % {"n": number % all, "round": number // all} for number in range(count))
