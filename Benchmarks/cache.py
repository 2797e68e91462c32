"""What the cache costs in memory and time, by `cache-rates`, which fills one with responses of 1 KiB without a server around
it; and what it keeps of a trace where visitors ask and somebody walks through everything, beside plain caches of its size."""
import os
import subprocess

from tables import median, show

OBJECTS = 1_000_000
QUICK_OBJECTS = 50_000
BODY_BYTES = 1024
MEMORY_TARGET = 1.5 * BODY_BYTES
ACCOUNT_TARGET = 0.1
PURGE_TARGET_MS = 1
PURGE_ALL_TARGET_MS = 150


def run(hq, sizes):
    quick = sizes.rounds < 3
    objects = QUICK_OBJECTS if quick else OBJECTS
    argv = [os.path.join(os.path.dirname(hq), "cache-rates"), str(objects), str(min(sizes.seconds, 2))]
    found, units = {}, {}
    for _ in range(min(sizes.rounds, 3)):
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, value, units[name] = line.split("\t")
            found.setdefault(name, []).append(float(value))
    targets = judged({name: median(all) for name, all in found.items()})
    print(f"cache: {objects:,} objects of 1 KiB, medians of {min(sizes.rounds, 3)}; rates of one thread in seconds of a core")
    show(["what", "median", "least", "most", "unit", "target"],
         [[name, figure(median(all)), figure(min(all)), figure(max(all)), units[name], targets.get(name, "")]
          for name, all in found.items()])


def judged(value):
    """What is asked of some of the figures, and whether it is so."""
    memory, account = value["memory of an object"], value["memory by the cache's own account"]
    best = max(value["hit ratio LRU"], value["hit ratio FIFO"])
    return {
        "memory of an object": says(memory <= MEMORY_TARGET, f"{memory / BODY_BYTES:.2f}x, 1.5x at most"),
        "memory by the cache's own account": says(abs(account - memory) <= memory * ACCOUNT_TARGET, "within 10%"),
        "purge of a key with 100 objects": says(
            value["purge of a key with 100 objects"] < PURGE_TARGET_MS, f"under {PURGE_TARGET_MS} ms"),
        "purge of all": says(value["purge of all"] < PURGE_ALL_TARGET_MS, f"under {PURGE_ALL_TARGET_MS} ms"),
        "hit ratio S3-FIFO": says(value["hit ratio S3-FIFO"] > best, "above the others"),
    }


def says(good, words):
    return f"{words}: {'met' if good else 'MISSED'}"


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
