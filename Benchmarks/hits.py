"""A 1 KiB cache hit: how many a second, what each costs the server, and how long it takes, beside Varnish and nginx.

All run at the same time on one machine and are loaded in turn, round after round, so that whatever disturbs one round
disturbs them all; the medians are reported. The figure to trust is the server's CPU per request: requests per second and
latencies under full load depend on how much of the cores the client leaves.
"""
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time

import peers
from machine import Neighbours, cpu_seconds
from processes import Stage, ended, until
from tables import median, show, warn

BODY = b"x" * 1024
CONNECTIONS = 64
PATH = "/kibibyte.txt"
PACED_RATE = 5000
"""Requests per second of the constant rate: few enough for the paced client, so that it measures the server."""

PACED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paced.py")


class Origin(http.server.ThreadingHTTPServer):
    """The same origin for all. It counts its requests: each cache may ask once, or what was measured were no hits."""

    daemon_threads = True
    count = 0

    class RequestHandlerClass(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.count += 1
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Cache-Control", "max-age=86400")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_):
            """Silent: what it would say is counted above."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def serves(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return answer.status == 200 and answer.read() == BODY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


def wrk(port, seconds):
    """Requests, requests per second, p50 and p99 in milliseconds. Errors, which are fast, stop the benchmark."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{PATH}"],
        capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk met errors:\n{said}")
    found = re.search(r"(\d+) requests in", said), re.search(r"Requests/sec: +([\d.]+)", said)
    latencies = re.findall(r"(?:50|99)% +([\d.]+)(us|ms|s|m) *\n", said)
    p50, p99 = (float(value) * UNITS[unit] for value, unit in latencies)
    return int(found[0][1]), float(found[1][1]), p50, p99


def paced(port, seconds):
    said = subprocess.run([sys.executable, PACED, str(port), PATH, str(PACED_RATE), str(CONNECTIONS), str(seconds)],
                          capture_output=True, text=True, check=True).stdout
    report = json.loads(said)
    if report["errors"]:
        raise RuntimeError(f"the paced client met errors: {said}")
    return report


class Server:
    """One cache under load. What a round says has names; `Medians` asks for them."""

    def __init__(self, name, process, port):
        self.name, self.process, self.port = name, process, port

    def full_load(self, seconds):
        before = cpu_seconds(self.process.pid)
        count, rate, p50, p99 = wrk(self.port, seconds)
        cost = (cpu_seconds(self.process.pid) - before) * 1_000_000 / count
        return {"rate": rate, "cost": cost, "p50": p50, "p99": p99}

    def constant_rate(self, seconds):
        return paced(self.port, seconds)


class Medians:
    """The rounds of all servers: each round holds what each server said, under its name."""

    def __init__(self, rounds):
        self.rounds = rounds
        self.names = list(rounds[0])

    def of(self, server, figure):
        return median([round[server][figure] for round in self.rounds])

    def row(self, server, **formats):
        return [server, *(format(self.of(server, figure), how) for figure, how in formats.items())]


def start_all(hq, stage, origin):
    servers = []
    for name, start in peers.ALL.items():
        port = stage.free_port()
        process = start(hq, stage, origin, port)
        until(lambda: serves(port) or ended(process), f"the first answer of {name}")
        if ended(process):
            raise RuntimeError(f"{name} ended with status {process.returncode}:\n{stage.log(name)}")
        servers.append(Server(name, process, port))
    return servers


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    with Stage("hits") as stage:
        port = stage.free_port()
        origin = Origin(port)
        servers = start_all(hq, stage, port)
        for server in servers:
            wrk(server.port, sizes.warm_up_seconds)
        filled = origin.count
        full = neighbours.rounds(sizes.rounds, lambda: {s.name: s.full_load(sizes.seconds) for s in servers})
        constant = neighbours.rounds(sizes.rounds, lambda: {s.name: s.constant_rate(sizes.seconds) for s in servers})
        if origin.count != filled:
            raise RuntimeError(f"the origin was asked {origin.count - filled} times meanwhile: not all were hits")
        origin.shutdown()
    report(Medians(full), Medians(constant), sizes)
    warn(neighbours)


def report(full, constant, sizes):
    print(f"hits: 1 KiB from the cache, {CONNECTIONS} kept-alive connections, medians of {sizes.rounds} interleaved "
          f"rounds of {sizes.seconds} s")
    print("as fast as it goes (wrk, one thread)")
    show(["server", "requests/s", "CPU us/request", "p50 ms", "p99 ms"],
         [full.row(name, rate=",.0f", cost=".1f", p50=".2f", p99=".2f") for name in full.names])
    ours, *theirs = full.names
    show(["HQ beside", "requests/s", "CPU us/request", "p99 ms"],
         [[name, *(f"{full.of(ours, figure) / full.of(name, figure):.2f} x" for figure in ("rate", "cost", "p99"))]
          for name in theirs])
    print(f"at a constant {PACED_RATE:,} requests/s; latency from when a request was due, the client's own part included")
    show(["server", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "sent late p99 ms"],
         [constant.row(name, rate=",.0f", p50=".2f", p99=".2f", p999=".2f", late_p99=".2f")
          for name in constant.names])
