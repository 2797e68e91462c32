"""How long a dictionary change takes from its command to its effect on the edge, while visitors keep coming.

The clock starts when the command is sent, and stops at the first redirect that a visitor gets; what the command itself
reports is not believed. The visitors come at a constant rate from a process of their own.
"""
import http.client
import json
import os
import signal
import subprocess
import sys
import time

import million
from campaign import HOST, Campaign
from machine import Neighbours
from processes import Stage
from tables import quantile, show, warn

RATE = 2000
CONNECTIONS = 16
TARGET_MS = 100
PAUSE_SECONDS = 0.1
"""Between changes: staff do not change without end, and the load shall last while they do."""

PATIENCE_SECONDS = 5
"""A change that has no effect for so long has none."""

PACED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paced.py")


class Visitor:
    """Asks for a path again and again, on one connection, until it leads where it should."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def location(self, path):
        self.connection.request("GET", path, headers={"Host": HOST})
        answer = self.connection.getresponse()
        answer.read()
        return answer.getheader("Location") if answer.status == 301 else None

    def milliseconds_until(self, path, target, began):
        """From `began` to the first redirect of `path` to `target`."""
        while time.perf_counter() - began < PATIENCE_SECONDS:
            if self.location(path) == target:
                return (time.perf_counter() - began) * 1000
        raise RuntimeError(f"{path} does not lead to {target} after {PATIENCE_SECONDS} s")


def argv(name, dictionary="redirects"):
    return ["dict", "set", dictionary, f"/{name}", f"/events/?{name}"]


def changes_through_api(campaign, visitor, count, dictionary="redirects", name="bench-{}".format):
    """The effect of each change, and the answer to its command, in milliseconds."""
    connection, headers = campaign.door()
    effects, answers = [], []
    for number in range(count):
        command = argv(name(number), dictionary)
        body = json.dumps({"argv": command}).encode()
        began = time.perf_counter()
        connection.request("POST", "/v1/commands", body, headers)
        effects.append(visitor.milliseconds_until(command[3], command[4], began))
        answer = connection.getresponse()
        text = answer.read()
        answers.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"a command was not done: {answer.status} {text!r}")
        time.sleep(PAUSE_SECONDS)
    return effects, answers


def changes_at_terminal(campaign, visitor, count):
    """The same with `hq dict set`, whose start counts too."""
    effects, answers = [], []
    for number in range(count):
        command = argv(f"bench-terminal-{number}")
        began = time.perf_counter()
        process = campaign.terminal(*command)
        effects.append(visitor.milliseconds_until(command[3], command[4], began))
        _, complaint = process.communicate(timeout=PATIENCE_SECONDS)
        answers.append((time.perf_counter() - began) * 1000)
        if process.returncode != 0:
            raise RuntimeError(f"a command was not done: {complaint}")
        time.sleep(PAUSE_SECONDS)
    return effects, answers


def under_load(campaign, changes):
    """Makes the changes while visitors come; what the changes took, and the load's report."""
    load = subprocess.Popen(
        [sys.executable, PACED, str(campaign.edge), "/", str(RATE), str(CONNECTIONS), "3600", HOST],
        stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(1)
        result = changes(campaign, Visitor(campaign.edge))
        load.send_signal(signal.SIGTERM)
        report, _ = load.communicate(timeout=10)
        return result, json.loads(report)
    finally:
        load.kill()
        load.wait()


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    doors = [("POST /v1/commands", changes_through_api, sizes.changes),
             ("hq dict set", changes_at_terminal, sizes.commands)]
    rows, loads = [], []
    with Stage("dictionary") as stage:
        campaign = Campaign(hq, stage, "campaign")
        campaign.start()
        campaign.wait()
        for name, changes, count in doors:
            with neighbours:
                (effects, answers), load = under_load(campaign, lambda *place: changes(*place, count))
            rows.append(row(name, count, effects, answers))
            loads.append([name, load["requests"], load["errors"], f"{load['rate']:.0f}", f"{load['p50']:.2f}",
                          f"{load['p99']:.2f}", f"{load['max']:.1f}"])
        campaign.stop()
    print(f"dictionary: from sending a change to its first redirect on the edge, at {RATE} requests/s from visitors")
    show(["changes by", "changes", "p50 ms", "p99 ms", "max ms", "answered p50 ms", "target p99 ms"], rows)
    print("the visitors meanwhile; an error is any answer but 200, or a lost connection")
    show(["during", "requests", "errors", "requests/s", "p50 ms", "p99 ms", "max ms"], loads)
    with neighbours:
        million.measure(hq, sizes, under_load, changes_through_api)
        million.lookups(hq)
    warn(neighbours)


def row(name, count, effects, answers):
    p99 = quantile(effects, 0.99)
    return [name, count, f"{quantile(effects, 0.5):.1f}", f"{p99:.1f}", f"{max(effects):.1f}",
            f"{quantile(answers, 0.5):.1f}", f"< {TARGET_MS} {'met' if p99 < TARGET_MS else 'MISSED'}"]
