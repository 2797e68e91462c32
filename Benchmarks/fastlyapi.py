"""How long the Fastly-compatible API takes: a batch of items, one item, and the list of them, on a campaign that runs.

Each is answered when it is in effect on the edge; a batch is one change with one entry in the ledger.
"""
import http.client
import json
import time
import urllib.parse

from campaign import Campaign
from machine import Neighbours
from processes import Stage
from tables import quantile, show, warn

ITEMS = 1000
BATCHES = 20
TARGET_MS = 200
FORM = "application/x-www-form-urlencoded"


class Client:
    def __init__(self, campaign):
        door, headers = campaign.door()
        door.request("POST", "/v1/commands", json.dumps(
            {"argv": ["token", "create", "--role", "admin", "--label", "bench"]}), headers)
        self.key = json.loads(door.getresponse().read())["data"]["token"]
        self.connection = http.client.HTTPConnection("127.0.0.1", campaign.fastly_api, timeout=30)

    def call(self, method, path, body=None, kind=FORM):
        """The answer, and the milliseconds until it was there."""
        began = time.perf_counter()
        self.connection.request(method, path, body, {"Fastly-Key": self.key, "Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read()
        spent = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text!r}")
        return json.loads(text), spent


def measure(client, campaign, changes):
    service = client.call("POST", "/service", "name=bench")[0]["id"]
    version = f"/service/{service}/version/1"
    client.call("POST", version + "/domain", "name=bench.example")
    client.call("POST", version + "/backend", f"name=origin&address=127.0.0.1&port={campaign.origin}")
    dictionary = client.call("POST", version + "/dictionary", "name=items")[0]["id"]
    activation = client.call("PUT", version + "/activate")[1]
    place = f"/service/{service}/dictionary/{dictionary}"
    batches = []
    for number in range(BATCHES):
        items = [{"op": "upsert", "item_key": f"/old/{n}", "item_value": f"/new/{number}/{n}"} for n in range(ITEMS)]
        batches.append(client.call("PATCH", place + "/items", json.dumps({"items": items}), "application/json")[1])
    item = place + "/item/" + urllib.parse.quote("/old/1", safe="")
    singles = [client.call("PUT", item, f"item_value=/single/{n}")[1] for n in range(changes)]
    lists = [client.call("GET", place + "/items")[1] for _ in range(BATCHES)]
    return [("activation", [activation]), (f"PATCH of {ITEMS} items", batches), ("PUT of one item", singles),
            (f"GET of {ITEMS} items", lists)]


def run(hq, sizes):
    neighbours = Neighbours(time.perf_counter)
    with Stage("fastlyapi") as stage:
        campaign = Campaign(hq, stage, "campaign")
        campaign.start()
        campaign.wait()
        with neighbours:
            results = measure(Client(campaign), campaign, sizes.changes)
        campaign.stop()
    print("fastlyapi: from a request to its answer, when the edge has the change")
    show(["request", "count", "p50 ms", "p99 ms", "max ms", "target"],
         [[name, len(times), f"{quantile(times, 0.5):.1f}", f"{quantile(times, 0.99):.1f}", f"{max(times):.1f}",
           target(name, times)] for name, times in results])
    warn(neighbours)


def target(name, times):
    if not name.startswith("PATCH"):
        return ""
    return f"< {TARGET_MS} {'met' if quantile(times, 0.99) < TARGET_MS else 'MISSED'}"
