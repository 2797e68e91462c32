#!/usr/bin/env python3
"""Runs the public suite of tests for HTTP caches against an edge with the default VCL.

usage: cachetests.py HQ CHECKOUT [--id TEST] [--verbose] [--port PORT]

CHECKOUT is a clone of github.com/http-tests/cache-tests with its dependency undici (npm i), or with a checkout of it at
node_modules/undici; without it the tests of interim responses fail. A test counts only when all that it depends on passed.
With --port the server that already listens there is tested in place of HQ (its origin must be port ORIGIN_PORT).
"""
import argparse
import collections
import json
import os
import socket
import subprocess
import sys

from processes import Stage, until

ORIGIN_PORT = 8000
REQUIRED, OPTIMAL = 158, 100
"""How many must pass of each kind."""

EXPORT = "import t from '%s/tests/index.mjs'; console.log(JSON.stringify(t))"


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settings(**more):
    names = {"protocol": "http", "port": str(ORIGIN_PORT), "base": "", "id": "", "pidfile": "/dev/null", **more}
    return os.environ | {f"npm_package_config_{name}": value for name, value in names.items()}


def suites(checkout):
    done = subprocess.run(["node", "--input-type=module", "-e", EXPORT % checkout], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def judged(tests, results):
    """For each test pass, fail, dependency or untested."""
    known = {}

    def judge(name):
        if name not in known:
            known[name] = "untested"
            if name in results:
                fine = all(judge(other) == "pass" for other in tests[name].get("depends_on", []))
                known[name] = "dependency" if not fine else "pass" if results[name] is True else "fail"
        return known[name]

    for name in tests:
        judge(name)
    return known


def report(tests, results, verbose):
    known = judged(tests, results)
    counts = collections.Counter((tests[name].get("kind", "required"), state) for name, state in known.items())
    for name, state in known.items():
        kind = tests[name].get("kind", "required")
        if state == "pass" or kind == "check" and not verbose:
            continue
        why = results.get(name)
        print(f"{kind:9} {state:10} {name}: {tests[name]['name']}" + (f" [{why[1]}]" if isinstance(why, list) else ""))
    missed = False
    for kind, least in (("required", REQUIRED), ("optimal", OPTIMAL), ("check", 0)):
        total = sum(count for (one, _), count in counts.items() if one == kind)
        passed = counts[kind, "pass"]
        missed = missed or passed < least
        print(f"{kind}: {passed} of {total}" + (f" (wanted: {least})" if least else ""))
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description="Runs the tests for HTTP caches against an edge.")
    parser.add_argument("hq")
    parser.add_argument("checkout")
    parser.add_argument("--id", default="", help="one test, with all that was said")
    parser.add_argument("--port", type=int, help="test the server that listens there")
    parser.add_argument("--verbose", action="store_true", help="tell what mere checks found too")
    options = parser.parse_args()
    checkout = os.path.abspath(options.checkout)
    with Stage("cache-tests") as stage:
        stage.start("origin", ["node", "test-engine/server/server.mjs"], cwd=checkout, env=settings())
        until(lambda: listens(ORIGIN_PORT), "the suite's origin")
        port = options.port
        if not port:
            port = stage.free_port()
            stage.start("edge", [os.path.abspath(options.hq), "edge", "run", "--origin", f"127.0.0.1:{ORIGIN_PORT}",
                                 "--listen", f"127.0.0.1:{port}"])
            until(lambda: listens(port), "the edge")
        environment = settings(base=f"http://127.0.0.1:{port}", id=options.id)
        done = subprocess.run(["node", "--no-warnings", "test-engine/cli.mjs"], cwd=checkout, env=environment,
                              capture_output=True, text=True)
        if options.id or done.returncode != 0:
            print(done.stdout, done.stderr)
            return done.returncode
        tests = {test["id"]: test for suite in suites(checkout) for test in suite["tests"]}
        return report(tests, json.loads(done.stdout[done.stdout.index("{"):]), options.verbose)


if __name__ == "__main__":
    sys.exit(main())
