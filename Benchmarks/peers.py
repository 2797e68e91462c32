"""The caches that are measured side by side, each with the settings that make it fast and none that make it wrong.

All use every core of the machine, keep what they cache in memory (nginx in files, which the kernel keeps there), keep
connections open without end, and write no access log.
"""
import os

from machine import CORES


def hq(program, stage, origin, port):
    return stage.start("HQ", [
        program, "edge", "run", "--origin", f"127.0.0.1:{origin}", "--listen", f"127.0.0.1:{port}"])


VARNISH_VCL = """vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "%d"; }
sub vcl_backend_response { set beresp.ttl = 1h; }
"""

VARNISH_SILENT = "-" + ",-".join("""
Begin End Link SessOpen SessClose Timestamp VCL_call VCL_return VCL_use Hit HitMiss ReqStart ReqAcct
ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset RespProtocol RespStatus RespReason RespHeader RespUnset Length
""".split())
"""Varnish logs each request into shared memory even when nobody reads it; the others log nothing, so neither does it."""


def varnish(_, stage, origin, port):
    with open(stage.path("default.vcl"), "w") as vcl:
        vcl.write(VARNISH_VCL % origin)
    return stage.start("Varnish", [
        "varnishd", "-F", "-j", "none", "-n", stage.path("varnish"), "-a", f"127.0.0.1:{port}",
        "-f", stage.path("default.vcl"), "-s", "malloc,256m", "-p", f"vsl_mask={VARNISH_SILENT}"])


NGINX_CONF = """
daemon off;
%(user)s
worker_processes %(cores)d;
pid %(folder)s/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  # A small body leaves faster in one write with its head than by sendfile behind it.
  sendfile off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/temp;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
  proxy_cache_path %(folder)s/cache levels=1:2 keys_zone=hits:10m max_size=256m inactive=1h use_temp_path=off;
  server {
    listen 127.0.0.1:%(port)d reuseport;
    location / {
      proxy_pass http://127.0.0.1:%(origin)d;
      proxy_cache hits;
    }
  }
}
"""


def nginx(_, stage, origin, port):
    folder = stage.path("nginx")
    os.mkdir(folder)
    values = {"folder": folder, "cores": CORES, "port": port, "origin": origin,
              "user": "user root;" if os.getuid() == 0 else ""}
    with open(stage.path("nginx.conf"), "w") as conf:
        conf.write(NGINX_CONF % values)
    return stage.start("nginx", ["nginx", "-p", folder, "-e", "stderr", "-c", stage.path("nginx.conf")])


ALL = {"HQ": hq, "Varnish": varnish, "nginx": nginx}
