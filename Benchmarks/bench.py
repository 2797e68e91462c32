#!/usr/bin/env python3
"""Measures HQ and prints tables; docs/performance.md says what they mean.

usage: bench.py HQ [--quick] [PART...]     HQ: the release program; PART: hits, coldstart, dictionary, fastlyapi, vcl, cache,
frankenbump, attacks (else all of them)
"""
import argparse
import os
import signal
import sys
from dataclasses import dataclass

import attacks
import cache
import coldstart
import dictionary
import fastlyapi
import frankenbump
import hits
import vcl

PARTS = {"hits": hits.run, "coldstart": coldstart.run, "dictionary": dictionary.run,
         "fastlyapi": fastlyapi.run, "vcl": vcl.run,
         "cache": cache.run, "frankenbump": frankenbump.run, "attacks": attacks.run}


@dataclass
class Sizes:
    """How much is measured. The defaults give the figures that may be written down."""

    rounds: int = 5
    seconds: int = 5
    warm_up_seconds: int = 2
    starts: int = 5
    changes: int = 200
    commands: int = 20
    surge_seconds: int = 600
    peak_seconds: int = 60
    attack_seconds: int = 20


QUICK = Sizes(rounds=2, seconds=1, warm_up_seconds=1, starts=2, changes=20, commands=3,
              surge_seconds=20, peak_seconds=5, attack_seconds=4)
"""Enough to see that the benchmark itself works."""


def main():
    parser = argparse.ArgumentParser(description="Measures HQ and prints tables.")
    parser.add_argument("hq", help="the release program")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; else all of them")
    parser.add_argument("--quick", action="store_true", help="few short rounds, to try the benchmark itself")
    options = parser.parse_intermixed_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    # A polite kill ends the servers too: it leaves through the same doors as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in options.parts or PARTS:
        PARTS[name](os.path.abspath(options.hq), QUICK if options.quick else Sizes())
        print()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as problem:
        sys.exit(f"bench: {problem}")
