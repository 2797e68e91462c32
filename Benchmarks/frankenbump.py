"""The Frankenbump: from nothing to 2,500 requests a second in one second, for ten minutes, and then ten times that.

One request in twenty finds something stale, about which the edge asks an origin that takes 300 ms. In the middle the
origin dies, comes back, and staff change a dictionary entry. The edge is the example campaign's, run by `hq up`; visitors
come from `hq rehearse`, an open loop: latencies count from when a request was due. All share this machine.
"""
import json
import subprocess
import threading
import time

from campaign import HOST, Campaign
from machine import Neighbours
from processes import Stage, end, until
from tables import show, warn

RATE, PEAK = 2500, 25000
LATENCY = "300ms"
STALE_SHARE = 0.05
FRESH = 200
MOST_HIT_P99 = "5ms"
CONNECTIONS = 64
EVENT_SECONDS = 10
"""A change has no effect when it has none for so long."""


def paths(stage):
    """Pages by Zipf's law, and so many stale ones that each is asked for once in three seconds: they live for one."""
    harmonic = sum(1 / number for number in range(1, FRESH + 1))
    stale = int(RATE * STALE_SHARE * 3)
    with open(stage.path("paths.txt"), "w") as file:
        for number in range(1, FRESH + 1):
            file.write(f"{(1 - STALE_SHARE) / number / harmonic:.9f} /fresh/{number}\n")
        for number in range(stale):
            file.write(f"{STALE_SHARE / stale:.9f} /stale/{number}\n")
    return stage.path("paths.txt")


class Origin:
    def __init__(self, hq, stage):
        self.hq, self.stage, self.port = hq, stage, stage.free_port()
        self.start()

    def start(self):
        self.process = self.stage.start("origin", [
            self.hq, "rehearse", "origin", "--listen", f"127.0.0.1:{self.port}", "--latency", LATENCY])

    def die(self):
        end(self.process)
        self.stage.processes.remove(self.process)


def campaign_at(hq, stage, origin):
    """The example campaign with the slow origin in the place of its own."""
    campaign = Campaign(hq, stage, "campaign")
    path = stage.path("campaign", "campaign.yaml")
    with open(path) as file:
        text = file.read()
    own = "origin: {sites: true}"
    if own not in text:
        raise RuntimeError(f"the example campaign has no backend '{own}'")
    with open(path, "w") as file:
        file.write(text.replace(own, f"origin: {{address: '127.0.0.1:{origin.port}'}}"))
    campaign.start()
    campaign.wait()
    return campaign


def rehearse(hq, campaign, list_of_paths, shape, rate, seconds):
    return subprocess.Popen(
        [hq, "rehearse", shape, "--target", f"http://127.0.0.1:{campaign.edge}", "--host", HOST, "--rate", str(rate),
         "--for", f"{seconds}s", "--paths", list_of_paths, "--warm", "--warm-connections", str(CONNECTIONS),
         "--max-hit-p99", MOST_HIT_P99, "--max-errors", "0", "--json"],
        stdout=subprocess.PIPE, text=True)


def change_dictionary(campaign):
    """Milliseconds from the command to the first visitor who is sent on."""
    from dictionary import Visitor, argv
    connection, headers = campaign.door()
    visitor = Visitor(campaign.edge)
    command = argv("frankenbump")
    began = time.perf_counter()
    connection.request("POST", "/v1/commands", json.dumps({"argv": command}).encode(), headers)
    took = visitor.milliseconds_until(command[3], command[4], began)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"the change was not made: {answer.read()!r}")
    return took


class Events:
    """What happens in the middle, each at its share of the whole."""

    def __init__(self, campaign, origin, seconds):
        self.said = []
        self.threads = [threading.Timer(seconds * share, self.do, [what, action]) for share, what, action in [
            (0.35, "the origin died", origin.die), (0.5, "the origin came back", origin.start),
            (0.65, "a dictionary entry changed", lambda: change_dictionary(campaign))]]
        for thread in self.threads:
            thread.start()

    def do(self, what, action):
        try:
            took = action()
            self.said.append(what + (f", in effect after {took:.0f} ms" if took else ""))
        except Exception as problem:  # a thread's exception would be lost
            self.said.append(f"{what}: {problem}")

    def wait(self):
        for thread in self.threads:
            thread.join(EVENT_SECONDS)


def finish(process):
    out, _ = process.communicate()
    try:
        return json.loads(out)
    except ValueError:
        raise RuntimeError(f"hq rehearse said: {out[-500:]}")


def milliseconds(report, kind, share):
    return f"{report['latency'][kind][share] / 1000:.2f}"


def row(name, report):
    errors = report["errors"]
    return [name, f"{report['due']:,}", f"{report['statuses'][1]:,}", f"{report['statuses'][4]:,}",
            f"{sum(errors.values()):,}", milliseconds(report, "hits", "p50"), milliseconds(report, "hits", "p99"),
            milliseconds(report, "hits", "p999"), milliseconds(report, "stale", "p99"),
            milliseconds(report, "late", "p99"), f"{report['edge_cpu_us'] or 0:.1f}",
            f"{report['generator_cpu_us'] or 0:.1f}", f"{(report['edge_resident_bytes'] or 0) / 2**20:.0f}"]


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    with Stage("frankenbump") as stage:
        origin = Origin(hq, stage)
        campaign = campaign_at(hq, stage, origin)
        pages = paths(stage)
        # The cache is full before: what happens in the middle is timed from the first visitor on.
        finish(rehearse(hq, campaign, pages, "steady", 1, 1))
        with neighbours:
            load = rehearse(hq, campaign, pages, "frankenbump", RATE, sizes.surge_seconds)
            events = Events(campaign, origin, sizes.surge_seconds)
            surge = finish(load)
        events.wait()
        with neighbours:
            peak = finish(rehearse(hq, campaign, pages, "steady", PEAK, sizes.peak_seconds))
    print(f"frankenbump: 0 to {RATE:,} requests/s in one second for {sizes.surge_seconds} s, {STALE_SHARE:.0%} of them "
          f"stale, the origin takes {LATENCY}; then {PEAK:,}/s for {sizes.peak_seconds} s")
    show(["load", "requests", "2xx", "5xx", "no answer", "hit p50 ms", "hit p99", "hit p99.9", "stale p99",
          "sent late p99", "edge CPU us", "load CPU us", "edge MiB"], [row("surge", surge), row("peak", peak)])
    for what in events.said:
        print(f"  {what}")
    for name, report in (("surge", surge), ("peak", peak)):
        first = report["gave_first"]
        print(f"  {name}: gave first: " + (f"{first['what']}, second {first['second']}: {first['evidence']}" if first
                                           else "nothing"))
        for line in report["exceeded"]:
            print(f"  {name}: exceeded: {line}")
    warn(neighbours)
