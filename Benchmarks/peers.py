"""The caches that are measured side by side, each with the settings that make it fast and none that make it wrong.

All use every core of the machine, keep what they cache in memory (nginx in files, which the kernel keeps there), keep
connections open without end, and write no access log. HQ runs the example campaign's whole program; the others their plain
cache, which is what they are fast at. Those that speak TLS do so at a second port, with HTTP/2 beside HTTP/1.1.
"""
import os
import re
import subprocess

from campaign import EXAMPLE
from machine import CORES

CACHE_MIB = 256
LARGEST_OBJECT = 4 << 20


class Ports:
    """Where a server listens: `plain`, `tls` for those that have it, and `h2c` for HTTP/2 without TLS where that is not `plain`."""

    def __init__(self, stage):
        self.plain, self.tls, self.h2c = (stage.free_port() for _ in range(3))


def certificate(stage):
    """A key and a certificate of one's own, of the kind that most sites have (P-256)."""
    key, chain = stage.path("key.pem"), stage.path("chain.pem")
    if not os.path.exists(key):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", chain, "-days", "30", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        with open(stage.path("both.pem"), "w") as both:
            both.write(open(chain).read() + open(key).read())
    return chain, key


def example_program(stage, origin):
    """The example campaign's program with what its campaign file declares: the backend, and the dictionaries' first entries."""
    with open(os.path.join(EXAMPLE, "campaign.yaml")) as file:
        section = file.read().split("\ndictionaries:\n", 1)[1].split("\n\n", 1)[0]
    lines = [f'backend F_origin {{ .host = "127.0.0.1"; .port = "{origin}"; }}']
    for name, entries in re.findall(r"^  (\w+):\n(.*?)(?=^  \w|\Z)", section, re.M | re.S):
        if "    kind: addresses\n" in entries:
            lines.append(f"acl {name} {{ }}")
            continue
        first = entries.partition("    first:\n")[2]
        pairs = re.findall(r'^      (\S+): "?([^"\n]*)"?$', first, re.M)
        lines.append(f"table {name} {{ " + ", ".join(f'"{key}": "{value}"' for key, value in pairs) + " }")
    with open(os.path.join(EXAMPLE, "edge", "main.vcl")) as file:
        lines.append(file.read())
    path = stage.path("main.vcl")
    with open(path, "w") as vcl:
        vcl.write("\n".join(lines))
    return path


def hq(program, stage, origin, ports, *more):
    chain, key = certificate(stage)
    return stage.start("HQ", [
        program, "edge", "run", "--vcl", example_program(stage, origin), "--cache", f"{CACHE_MIB}MiB",
        "--listen", f"127.0.0.1:{ports.plain}", "--tls-listen", f"127.0.0.1:{ports.tls}",
        "--certificate", chain, "--key", key, *more])


VARNISH_VCL = """vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "%d"; }
sub vcl_backend_response { set beresp.ttl = 1h; }
"""

VARNISH_SILENT = "-" + ",-".join("""
Begin End Link SessOpen SessClose Timestamp VCL_call VCL_return VCL_use Hit HitMiss ReqStart ReqAcct
ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset RespProtocol RespStatus RespReason RespHeader RespUnset Length
""".split())
"""Varnish logs each request into shared memory even when nobody reads it; the others log nothing, so neither does it."""


def varnish(_, stage, origin, ports, *more):
    with open(stage.path("default.vcl"), "w") as vcl:
        vcl.write(VARNISH_VCL % origin)
    return stage.start("Varnish", [
        "varnishd", "-F", "-j", "none", "-n", stage.path("varnish"), "-a", f"127.0.0.1:{ports.plain}",
        "-f", stage.path("default.vcl"), "-s", f"malloc,{CACHE_MIB}m", "-p", f"vsl_mask={VARNISH_SILENT}", *more])


NGINX_PROCESS = """
daemon off;
%(user)s
worker_processes %(cores)d;
pid %(folder)s/nginx.pid;
error_log stderr error;
"""
"""How every nginx here runs: in the foreground, on all cores, its files in a folder of its own."""

NGINX_FOLDERS = """
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/temp;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
"""

NGINX_CONF = NGINX_PROCESS + """
worker_rlimit_nofile 65536;
events { worker_connections 16384; }
http {
  access_log off;
  # A small body leaves faster in one write with its head than by sendfile behind it; a large one by sendfile.
  sendfile %(sendfile)s;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
""" + NGINX_FOLDERS + """
  proxy_cache_path %(folder)s/cache levels=1:2 keys_zone=hits:50m max_size=%(mib)dm inactive=1h use_temp_path=off;
  ssl_session_cache shared:tls:1m;
  upstream origin { server 127.0.0.1:%(origin)d; keepalive 64; keepalive_requests 1000000000; }
  %(outside)s
  server {
    %(inside)s
    listen 127.0.0.1:%(port)d reuseport;
    listen 127.0.0.1:%(h2c)d http2 reuseport;
    listen 127.0.0.1:%(tls)d ssl http2 reuseport;
    ssl_certificate %(chain)s;
    ssl_certificate_key %(key)s;
    http2_max_requests 1000000000;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache hits;
    }
  }
}
"""


def nginx(_, stage, origin, ports, sendfile="off", outside="", inside=""):
    """`outside` and `inside` of its server stand more lines."""
    name = "nginx" if sendfile == "off" else "nginx, sendfile"
    folder = stage.path(f"nginx-{sendfile}")
    os.makedirs(folder, exist_ok=True)
    chain, key = certificate(stage)
    values = {"folder": folder, "cores": CORES, "port": ports.plain, "tls": ports.tls, "h2c": ports.h2c,
              "origin": origin, "outside": outside, "inside": inside, "mib": CACHE_MIB, "chain": chain, "key": key, "sendfile": sendfile,
              "user": "user root;" if os.getuid() == 0 else ""}
    with open(stage.path(f"nginx-{sendfile}.conf"), "w") as conf:
        conf.write(NGINX_CONF % values)
    return stage.start(name, ["nginx", "-p", folder, "-e", "stderr", "-c", stage.path(f"nginx-{sendfile}.conf")])


HAPROXY_CONF = """
global
  nbthread %(cores)d
  maxconn 8000
  tune.bufsize 32768
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
cache hits
  total-max-size %(mib)d
  max-object-size %(largest)d
  max-age 3600
frontend edge
  bind 127.0.0.1:%(port)d
  bind 127.0.0.1:%(tls)d ssl crt %(both)s alpn h2,http/1.1
  default_backend origin
backend origin
  http-request cache-use hits
  http-response cache-store hits
  server one 127.0.0.1:%(origin)d
"""


def haproxy(_, stage, origin, ports):
    certificate(stage)
    values = {"cores": CORES, "mib": CACHE_MIB, "largest": LARGEST_OBJECT, "port": ports.plain, "tls": ports.tls,
              "both": stage.path("both.pem"), "origin": origin}
    with open(stage.path("haproxy.cfg"), "w") as conf:
        conf.write(HAPROXY_CONF % values)
    return stage.start("HAProxy", ["haproxy", "-f", stage.path("haproxy.cfg")])


ALL = {"HQ": hq, "Varnish": varnish, "nginx": nginx, "HAProxy": haproxy}
