"""From `hq up` to the first page of the main site through the edge: control plane, origin and edge, from nothing.

The very first start makes the store; a later one finds it on disk. Speed here is what a crash of the machine costs, and
what the team waits for when it tries something.
"""
import time

from campaign import Campaign
from machine import Neighbours
from processes import Stage
from tables import median, show, warn

TARGET_SECONDS = 1.0


def seconds_to_first_page(campaign, neighbours):
    with neighbours:
        began = time.perf_counter()
        campaign.start()
        campaign.wait()
        return time.perf_counter() - began


def run(hq, sizes):
    first, second = [], []
    neighbours = Neighbours(time.perf_counter)
    with Stage("coldstart") as stage:
        for number in range(sizes.starts):
            campaign = Campaign(hq, stage, f"campaign-{number}")
            for times in (first, second):
                times.append(seconds_to_first_page(campaign, neighbours))
                campaign.stop()
    print(f"coldstart: from exec of hq up to the main site's first 200 through the edge, {sizes.starts} starts of each")
    show(["start", "median s", "fastest s", "slowest s", "target s"],
         [[name, f"{median(times):.3f}", f"{min(times):.3f}", f"{max(times):.3f}",
           f"< {TARGET_SECONDS:.0f} {'met' if median(times) < TARGET_SECONDS else 'MISSED'}"]
          for name, times in (("the very first", first), ("with state on disk", second))])
    warn(neighbours)
