"""What a request costs the edge, beside Varnish, nginx and HAProxy: hits small and large, over TLS and HTTP/2, misses, passes.

All servers run at the same time on one machine and are loaded in turn, round after round, so that whatever disturbs one
round disturbs them all; the medians are reported. The figure to trust is the server's CPU per request: requests per second
and latencies under full load depend on how much of the cores the client leaves. Latencies are therefore judged at a
constant rate, by an open loop.
"""
import http.client
import json
import os
import re
import ssl
import subprocess
import time

import peers
from machine import CORES, Neighbours, cpu_seconds
from processes import Stage, ended, until
from tables import median, show, warn

RATE = 20_000
CONNECTIONS = 64
SMALL, LARGE = "/kibibyte.txt", "/large.bin"
SIZES = {SMALL: 1024, LARGE: 100 * 1024}

TARGETS = {
    "1 KiB, 64 connections": {"Varnish": 0.65, "nginx": 0.7, "HAProxy": 0.95},
    "1 KiB, 512 connections": {"Varnish": 0.65, "nginx": 0.7, "HAProxy": 0.95},
    "100 KiB, 64 connections": {"HAProxy": 1.0},
    "1 KiB, TLS": {"nginx": 1.2, "HAProxy": 1.2},
    "miss": {"nginx": 1.1},
    "pass": {"nginx": 1.1},
}
"""At most so many times what each needs. Over TLS the better of the two counts."""

ORIGIN_CONF = peers.NGINX_PROCESS + """
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
""" + peers.NGINX_FOLDERS + """
  server {
    listen 127.0.0.1:%(port)d reuseport;
    default_type text/plain;
    root %(folder)s/files;
    location = /pass { add_header Cache-Control private; return 200 "%(body)s"; }
    location = /miss { add_header Cache-Control max-age=3600; return 200 "%(body)s"; }
    location / { add_header Cache-Control max-age=86400; access_log %(folder)s/hits.log; }
  }
}
"""


class Origin:
    """One for all, fast enough not to be what is measured. It writes down who asks for what should be hits."""

    def __init__(self, stage):
        self.folder, self.port = stage.path("origin"), stage.free_port()
        os.makedirs(os.path.join(self.folder, "files"))
        for path, size in SIZES.items():
            with open(self.folder + "/files" + path, "wb") as file:
                file.write(b"x" * size)
        with open(stage.path("origin.conf"), "w") as conf:
            conf.write(ORIGIN_CONF % {"folder": self.folder, "cores": CORES, "port": self.port, "body": "x" * 1024,
                                      "user": "user root;" if os.getuid() == 0 else ""})
        self.process = stage.start("origin", ["nginx", "-p", self.folder, "-e", "stderr", "-c", stage.path("origin.conf")])
        until(lambda: asks(self.port, SMALL) or ended(self.process), "the origin's first answer")

    @property
    def hits_asked_for(self):
        with open(os.path.join(self.folder, "hits.log")) as log:
            return sum(1 for _ in log)


def asks(port, path, tls=False):
    """Whether it is answered with the whole body."""
    context = ssl._create_unverified_context() if tls else None
    connection = (http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context) if tls
                  else http.client.HTTPConnection("127.0.0.1", port, timeout=5))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status == 200 and len(answer.read()) == SIZES.get(path, 1024)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- loads: each returns how many requests were answered -----------------------------------------------------------

def wrk(url, seconds, connections=CONNECTIONS, script=None):
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *(["-s", script] if script else []), url],
        capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk met errors at {url}:\n{said}")
    return int(re.search(r"(\d+) requests in", said)[1])


def h2load(url, seconds):
    """Eight connections with eight streams each: as many requests at once as the others."""
    said = subprocess.run(["h2load", "-t1", "-c8", "-m8", "-D", str(seconds), url], capture_output=True, text=True,
                          check=True).stdout
    counts = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed", said)
    if int(counts[3]):
        raise RuntimeError(f"h2load met errors at {url}:\n{said}")
    return int(counts[2])


class Loads:
    """Each by its name, as what it does with a server for some seconds; None for who does not speak it."""

    def __init__(self, stage):
        self.unique = stage.path("unique.lua")
        with open(self.unique, "w") as script:
            # Addresses that nobody asked for before, in any round.
            script.write('local seed, n = tostring(os.time()), 0\n'
                         'request = function() n = n + 1; return wrk.format("GET", "/miss?" .. seed .. n) end\n')

    def all(self):
        plain = lambda server, path: f"http://127.0.0.1:{server.ports.plain}{path}"
        secure = lambda server, path: f"https://127.0.0.1:{server.ports.tls}{path}"
        return {
            "1 KiB, 64 connections": lambda s, t: wrk(plain(s, SMALL), t),
            "1 KiB, 512 connections": lambda s, t: wrk(plain(s, SMALL), t, connections=512),
            "100 KiB, 64 connections": lambda s, t: wrk(plain(s, LARGE), t),
            "1 KiB, TLS": lambda s, t: wrk(secure(s, SMALL), t) if s.has_tls else None,
            "1 KiB, HTTP/2": lambda s, t: h2load(secure(s, SMALL), t) if s.has_tls else None,
            "miss": lambda s, t: wrk(plain(s, "/miss"), t, script=self.unique),
            "pass": lambda s, t: wrk(plain(s, "/pass"), t),
        }


class Server:
    def __init__(self, name, process, ports):
        self.name, self.process, self.ports = name, process, ports
        self.has_tls = name != "Varnish"

    def cost(self, load, seconds):
        """CPU microseconds for each request; None for a load that is not for it."""
        before = cpu_seconds(self.process.pid)
        count = load(self, seconds)
        return (cpu_seconds(self.process.pid) - before) * 1_000_000 / count if count else None


def constant_rate(hq, server, stage, seconds):
    said = subprocess.run(
        [hq, "rehearse", "steady", "--rate", str(RATE), "--for", f"{seconds}s", "--target",
         f"http://127.0.0.1:{server.ports.plain}", "--paths", stage.path("path"), "--connections", str(CONNECTIONS),
         "--warm-connections", str(CONNECTIONS), "--json"], capture_output=True, text=True).stdout
    report = json.loads(said)
    if report["statuses"][1] != report["due"]:
        raise RuntimeError(f"{server.name} answered {report['statuses'][1]} of {report['due']} requests")
    return {**report["latency"]["all"], "late": report["latency"]["late"]["p99"]}


# --- the whole -----------------------------------------------------------------------------------------------------

def start_all(hq, stage, origin):
    servers = []
    starters = {**peers.ALL, "nginx, sendfile": lambda *given: peers.nginx(*given, sendfile="on")}
    for name, start in starters.items():
        ports = peers.Ports(stage)
        process = start(hq, stage, origin.port, ports)
        until(lambda: asks(ports.plain, SMALL) or ended(process), f"the first answer of {name}")
        if ended(process):
            raise RuntimeError(f"{name} ended with status {process.returncode}:\n{stage.log(name)}")
        servers.append(Server(name, process, ports))
    return servers


def measure(hq, stage, sizes, neighbours):
    origin = Origin(stage)
    servers = start_all(hq, stage, origin)
    with open(stage.path("path"), "w") as file:
        file.write(SMALL + "\n")
    loads = Loads(stage).all()
    costs = {}
    for name, load in loads.items():
        # With sendfile nginx is better at large bodies and worse at all others.
        beside = [s for s in servers if (s.name != "nginx, sendfile") or name.startswith("100")]
        for server in beside:
            server.cost(load, sizes.warm_up_seconds)
        filled = origin.hits_asked_for
        costs[name] = neighbours.rounds(sizes.rounds, lambda: {s.name: s.cost(load, sizes.seconds) for s in beside})
        if origin.hits_asked_for != filled:
            raise RuntimeError(f"the origin was asked {origin.hits_asked_for - filled} times during '{name}'")
    four = [s for s in servers if s.name in peers.ALL]
    paced = neighbours.rounds(
        sizes.rounds, lambda: {s.name: constant_rate(hq, s, stage, sizes.seconds) for s in four})
    return costs, paced


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    with Stage("hits") as stage:
        costs, paced = measure(hq, stage, sizes, neighbours)
    report(costs, paced, sizes)
    warn(neighbours)


def of(rounds, server):
    figures = [one[server] for one in rounds if one.get(server) is not None]
    return median(figures) if figures else None


def ratios(name, rounds):
    """HQ's cost as a share of each peer's, with what is wanted."""
    ours = of(rounds, "HQ")
    wanted = TARGETS.get(name, {})
    cells = []
    for peer in ["Varnish", "nginx", "HAProxy"]:
        theirs = of(rounds, peer)
        if peer == "nginx" and (other := of(rounds, "nginx, sendfile")):
            theirs = min(theirs, other)
        if theirs is None:
            cells.append("-")
            continue
        verdict = ""
        if peer in wanted:
            verdict = " met" if ours <= wanted[peer] * theirs else " MISSED"
            verdict = f" (< {wanted[peer]}{verdict})"
        cells.append(f"{ours / theirs:.2f}x{verdict}")
    return cells


def report(costs, paced, sizes):
    print(f"requests, {CONNECTIONS} connections if nothing is said, kept alive, medians of {sizes.rounds} interleaved rounds of "
          f"{sizes.seconds} s; HQ runs the example campaign's program")
    print("CPU of the server, us/request")
    names = [*peers.ALL, "nginx, sendfile"]
    figure = lambda value: "-" if value is None else f"{value:.1f}"
    show(["load", *names], [[load, *(figure(of(rounds, name)) for name in names)] for load, rounds in costs.items()])
    print("HQ beside them")
    show(["load", "Varnish", "nginx", "HAProxy"], [[load, *ratios(load, rounds)] for load, rounds in costs.items()])
    print(f"at a constant {RATE:,} requests/s (open loop): latency in ms from when a request was due, the client's own part included")
    share = lambda server, key: f"{median([one[server][key] for one in paced]) / 1000:.2f}"
    show(["server", "p50", "p99", "p99.9", "sent late p99"],
         [[name, *(share(name, key) for key in ("p50", "p99", "p999", "late"))] for name in peers.ALL])
