"""A dictionary of a million entries: filled through the door that staff use, changed while visitors come, held by processes
that are started again. What one look-up costs is measured from inside, by `table-rates`."""
import base64
import http.client
import json
import os
import subprocess
import time

from campaign import HOST, Campaign
from processes import Stage, until
from tables import quantile, show

ENTRIES = 1_000_000
PART = 100_000
"""Entries of one import: the most that one may change."""

TARGET_LOAD_SECONDS, TARGET_MEGABYTES, TARGET_CHANGE_MS = 2, 200, 50
PROGRAM = """
  if (table.contains(large, req.url.path)) {
    set req.http.X-Redirect = table.lookup(large, req.url.path);
    error 601 "301";
  }
"""


class LargeCampaign(Campaign):
    """The example with one dictionary more, which its program looks into first."""

    def __init__(self, hq, stage, name):
        super().__init__(hq, stage, name)
        self.replace("campaign.yaml", "\ndictionaries:\n", "\ndictionaries:\n  large: {about: a million addresses}\n")
        self.replace("edge/main.vcl", "#FASTLY recv\n", "#FASTLY recv\n" + PROGRAM)

    def replace(self, name, old, new):
        path = os.path.join(self.folder, name)
        with open(path) as file:
            text = file.read()
        if old not in text:
            raise RuntimeError(f"{name} has no {old!r}")
        with open(path, "w") as file:
            file.write(text.replace(old, new, 1))

    def memory(self, name):
        """Resident megabytes of a process now, and at most."""
        with open(os.path.join(self.folder, ".hq/processes.json")) as file:
            pid = next(row["pid"] for row in json.load(file)["rows"] if row["name"] == name)
        with open(f"/proc/{pid}/status") as file:
            lines = dict(line.split(":", 1) for line in file)
        return [int(lines[key].split()[0]) / 1000 for key in ("VmRSS", "VmHWM")]

    def leads(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.edge, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": HOST})
            return connection.getresponse().getheader("Location")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def fill(campaign):
    """Imports the entries part by part; the seconds of each."""
    with open(os.path.join(campaign.folder, ".hq/access.json")) as file:
        token = json.load(file)["token"]
    times = []
    for first in range(0, ENTRIES, PART):
        lines = "".join(f"/page/{number},https://live.example/landing/{number}\n" for number in range(first, first + PART))
        body = json.dumps({"argv": ["dict", "import", "large", "-"],
                           "attachments": {"-": base64.b64encode(lines.encode()).decode()}})
        connection = http.client.HTTPConnection("127.0.0.1", campaign.control, timeout=300)
        began = time.perf_counter()
        connection.request("POST", "/v1/commands", body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"an import was not done: {answer.status} {text[:300]!r}")
        times.append(time.perf_counter() - began)
    return times


def known(number):
    """The path, without its slash, of an entry that is there: a full dictionary takes no other."""
    return f"page/{number * 4999 % ENTRIES}"


def started_again(campaign):
    """Seconds from the start of everything until the edge knows the last entry, from what is on its disk."""
    campaign.stop()
    began = time.perf_counter()
    campaign.start()
    until(lambda: campaign.leads(f"/page/{ENTRIES - 1}") is not None, "the last of a million entries")
    return time.perf_counter() - began


def measure(hq, sizes, under_load, changes):
    with Stage("million") as stage:
        campaign = LargeCampaign(hq, stage, "million")
        campaign.start()
        campaign.wait()
        empty = {name: campaign.memory(name) for name in ("edge", "control")}
        times = fill(campaign)
        (effects, answers), load = under_load(campaign, lambda *place: changes(*place, sizes.changes, "large", known))
        filled = {name: campaign.memory(name) for name in ("edge", "control")}
        again = started_again(campaign)
        # A change is in effect when the edge has taken the control plane's own million before it.
        under_load(campaign, lambda *place: changes(*place, 1, "large", lambda _: "page/7"))
        restarted = {name: campaign.memory(name) for name in ("edge", "control")}
        campaign.stop()
    p99 = quantile(effects, 0.99)
    print(f"a dictionary of {ENTRIES:,} entries, imported in parts of {PART:,}; {sizes.changes} changes while visitors come")
    show(["what", "measured", "target"], [
        ["an import of a part, median s", f"{quantile(times, 0.5):.2f}", ""],
        ["all parts, s", f"{sum(times):.1f}", ""],
        ["everything started again, until the edge serves the last entry, s", f"{again:.2f}",
         f"< {TARGET_LOAD_SECONDS} {'met' if again < TARGET_LOAD_SECONDS else 'MISSED'}"],
        ["a change in effect, p50 ms", f"{quantile(effects, 0.5):.1f}", ""],
        ["a change in effect, p99 ms", f"{p99:.1f}", f"< {TARGET_CHANGE_MS} {'met' if p99 < TARGET_CHANGE_MS else 'MISSED'}"],
        ["a change in effect, max ms", f"{max(effects):.1f}", ""],
        ["a change answered, p50 ms", f"{quantile(answers, 0.5):.1f}", ""],
        ["visitors' p99 meanwhile, ms", f"{load['p99']:.2f}", ""], ["visitors' errors", load["errors"], ""],
    ])
    rows = []
    for name in ("edge", "control"):
        now, most = restarted[name]
        rows.append([name, *(f"{figure:.0f}" for figure in (empty[name][0], *filled[name], now, most)),
                     f"< {TARGET_MEGABYTES} {'met' if most < TARGET_MEGABYTES else 'MISSED'}"])
    show(["resident MB of", "empty", "filled", "at most", "started again", "at most", "target"], rows)


def lookups(hq):
    program = os.path.join(os.path.dirname(hq), "table-rates")
    if not os.path.exists(program):
        print("  table-rates is not beside hq: what a look-up costs is not measured")
        return
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    print("from inside a process, by table-rates")
    show(["what", "entries", "figure", "unit"], [line.split("\t") for line in lines])
