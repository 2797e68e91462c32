"""Programs: how long they take to be checked, tested and put in place of the one that runs.

What a person or an editor waits for counts from the start of the process. What a swap takes is seen by a client that asks
again and again, beside Varnish, which compiles its VCL with a C compiler.
"""
import http.client
import os
import signal
import subprocess
import time

import programs
from machine import Neighbours
from processes import Stage, ended, until
from tables import median, show, warn

LINES = 2500
TESTED_LINES = 500
TESTS = 200

LINT_TARGET_MS = 20
CHECK_TARGET = 1_000_000
TESTS_TARGET_MS = 300
SWAP_TARGET_MS = 10

START_SECONDS = 120
"""Varnish compiles its first program before it listens."""

PATIENCE_SECONDS = 30
"""A program that has no effect for so long has none."""


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def milliseconds(argv, fine=(0,)):
    """How long a process runs from its start to its end; it must end as is said, or it measured something else."""
    began = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True)
    took = (time.perf_counter() - began) * 1000
    if done.returncode not in fine:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}:\n{(done.stderr or done.stdout)[:1000]}")
    return took


def met(value, target, unit, most=True):
    good = value <= target if most else value >= target
    return f"{'<' if most else '>'} {target:,} {unit} {'met' if good else 'MISSED'}"


# Processes


def commands(hq, stage, sizes, neighbours):
    """Cold commands, each in turn, round after round; medians of all rounds."""
    small = write(stage.path("main.vcl"), programs.program(LINES))
    os.mkdir(stage.path("tested"))
    tested = write(stage.path("tested", "main.vcl"), programs.program(TESTED_LINES))
    write(stage.path("tested", "main.test.vcl"), programs.tests(TESTS, TESTED_LINES))
    runs = {
        "hq --version": [hq, "--version"],
        f"hq vcl lint, {LINES:,} lines": [hq, "vcl", "lint", small],
        f"hq vcl test, {TESTS} tests": [hq, "vcl", "test", tested],
    }
    with neighbours:
        rounds = [{name: milliseconds(argv) for name, argv in runs.items()} for _ in range(sizes.commands)]
    times = {name: [round[name] for round in rounds] for name in runs}
    bare, lint, test = times.values()
    targets = ["", met(median(lint), LINT_TARGET_MS, "ms"), met(median(test), TESTS_TARGET_MS, "ms")]
    print(f"vcl: whole processes, medians of {sizes.commands}")
    show(["command", "median ms", "fastest ms", "slowest ms", "without bare start", "target"],
         [[name, f"{median(took):.1f}", f"{min(took):.1f}", f"{max(took):.1f}",
           f"{median(took) - median(bare):.1f}", target]
          for (name, took), target in zip(times.items(), targets)])


# Lines a second


def rates(hq, stage, sizes, neighbours):
    """Lines a second within a process, by `vcl-rates`: the best of some rounds is what the code can do, the median what it did."""
    path = write(stage.path("rates.vcl"), programs.program(LINES))
    argv = [os.path.join(os.path.dirname(hq), "vcl-rates"), path, str(sizes.seconds)]
    found = {}
    with neighbours:
        for _ in range(sizes.rounds):
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            for line in done.stdout.splitlines():
                name, rate = line.split("\t")
                found.setdefault(name, []).append(int(rate))
    print(f"vcl: lines a second, {LINES:,} lines again and again, medians of {sizes.rounds}")
    show(["what", "lines/s", "slowest", "fastest", "target"],
         [[name, f"{median(all):,.0f}", f"{min(all):,}", f"{max(all):,}",
           met(median(all), CHECK_TARGET, "lines/s", most=False) if name == "parse and check" else ""]
          for name, all in found.items()])


# Swaps


class Asker:
    """Asks for the answer without pause, on one connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def answer(self):
        try:
            self.connection.request("GET", "/answer", headers={"Host": "localhost"})
            return self.connection.getresponse().read().decode().strip()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None

    def milliseconds_until(self, wanted, began):
        while time.perf_counter() - began < PATIENCE_SECONDS:
            if self.answer() == wanted:
                return (time.perf_counter() - began) * 1000
        raise RuntimeError(f"the answer is not '{wanted}' after {PATIENCE_SECONDS} s")


class Edge:
    name, log = "HQ: SIGHUP", "edge"

    def __init__(self, hq, stage):
        os.mkdir(stage.path("edge"))
        self.file = write(stage.path("edge", "main.vcl"), programs.program(LINES))
        self.port = stage.free_port()
        self.process = stage.start(
            "edge", [hq, "edge", "run", "--vcl", self.file, "--listen", f"127.0.0.1:{self.port}"])

    def prepare(self, answer):
        write(self.file, programs.program(LINES, answer))

    def swap(self, _):
        self.process.send_signal(signal.SIGHUP)


class Varnish:
    name, log = "Varnish: vcl.load, vcl.use", "varnish"

    def __init__(self, _, stage):
        self.stage, self.folder = stage, stage.path("varnish")
        file = write(stage.path("varnish.vcl"), programs.varnish(LINES))
        self.port = stage.free_port()
        self.process = stage.start("varnish", [
            "varnishd", "-F", "-j", "none", "-n", self.folder, "-a", f"127.0.0.1:{self.port}", "-f", file,
            "-s", "malloc,64m"])

    def prepare(self, answer):
        self.next = write(self.stage.path(f"{answer}.vcl"), programs.varnish(LINES, answer))

    def swap(self, answer):
        for words in (["vcl.load", answer, self.next], ["vcl.use", answer]):
            done = subprocess.run(["varnishadm", "-n", self.folder, *words], capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"varnishadm {words[0]}: {done.stdout or done.stderr}")


def swaps(hq, stage, sizes, neighbours):
    """From the order to the first changed answer. The file is written before; nobody measures the disk."""
    servers = [Edge(hq, stage), Varnish(hq, stage)]
    askers = [Asker(server.port) for server in servers]
    for server, asker in zip(servers, askers):
        until(lambda: ended(server.process) or asker.answer() == "first", f"the first answer of {server.name}",
              seconds=START_SECONDS)
        if ended(server.process):
            raise RuntimeError(f"{server.name} did not start:\n{stage.log(server.log)}")
    times = {server.name: [] for server in servers}
    with neighbours:
        for number in range(sizes.commands):
            for server, asker in zip(servers, askers):
                answer = f"answer-{number}"
                server.prepare(answer)
                began = time.perf_counter()
                server.swap(answer)
                times[server.name].append(asker.milliseconds_until(answer, began))
    ours, theirs = times.values()
    print(f"vcl: compile and swap {LINES:,} lines in a running edge, {sizes.commands} times")
    show(["server", "median ms", "fastest ms", "slowest ms", "target"],
         [[name, f"{median(took):.1f}", f"{min(took):.1f}", f"{max(took):.1f}",
           met(median(took), SWAP_TARGET_MS, "ms") if took is ours else ""]
          for name, took in times.items()])
    print(f"  Varnish takes {median(theirs) / median(ours):.0f} times as long")


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    with Stage("vcl") as stage:
        for part in (commands, rates, swaps):
            part(hq, stage, sizes, neighbours)
    warn(neighbours)
