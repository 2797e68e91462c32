#!/usr/bin/env python3
"""Kills random processes of a running campaign while it is being changed, then checks that nothing acknowledged was lost.
At the end the control plane stays dead and the edge starts anew: it must serve the last entries from its snapshot on disk.

usage: kills.py HQ CHANGES KILLS [SEED]     HQ: the program; starts a campaign of its own in a scratch folder.
"""
import http.client, json, os, random, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, time

from processes import free_port

hq, changes, kills = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 30)
random.seed(seed)
here = os.path.dirname(os.path.abspath(__file__))
folder = tempfile.mkdtemp(prefix="hq-kills-")
shutil.copytree(os.path.join(here, "../examples/for-america"), folder, dirs_exist_ok=True)


def replace(name, old, new):
    path = os.path.join(folder, name)
    text = open(path).read()
    assert old in text, f"{name} has no {old!r}"
    open(path, "w").write(text.replace(old, new, 1))


# A dictionary whose targets nobody asks for: those of redirects must be there before they go live.
replace("campaign.yaml", "\ndictionaries:\n", "\ndictionaries:\n  moves: {about: what is changed here}\n")
replace("edge/main.vcl", "#FASTLY recv\n", """#FASTLY recv
  if (table.contains(moves, req.url.path)) {
    set req.http.X-Redirect = table.lookup(moves, req.url.path);
    error 601 "301";
  }
""")
EDGE = free_port()
CONTROL = free_port(EDGE + 1)
ORIGIN = free_port(CONTROL + 1)
FASTLY_API = free_port(ORIGIN + 1)
up = subprocess.Popen(
    [hq, "up", "--dir", folder, "--edge", f"127.0.0.1:{EDGE}", "--control", f"127.0.0.1:{CONTROL}",
     "--fastly-api", f"127.0.0.1:{FASTLY_API}", "--origin", f"127.0.0.1:{ORIGIN}"], stdout=subprocess.DEVNULL)


def command(*argv):
    """The report of a command, or None when it was not acknowledged."""
    try:
        token = json.load(open(os.path.join(folder, ".hq/access.json")))["token"]
        connection = http.client.HTTPConnection("127.0.0.1", CONTROL, timeout=10)
        connection.request("POST", "/v1/commands", json.dumps({"argv": argv}), {"Authorization": "Bearer " + token})
        answer = connection.getresponse()
        report = json.loads(answer.read())
        return report if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException, KeyError):
        return None


def children():
    listing = subprocess.run(["pgrep", "-P", str(up.pid)], capture_output=True, text=True).stdout
    return [int(pid) for pid in listing.split()]


def location(path):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", EDGE, timeout=5)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("Location")
    except (OSError, http.client.HTTPException):
        return None


def until(test, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        if test():
            return True
        time.sleep(0.05)
    return False


def child(name):
    """The process of `hq up` that runs `hq NAME`."""
    def runs(pid):
        with open(f"/proc/{pid}/cmdline") as line:
            return line.read().split("\0")[1:2] == [name]
    return next(pid for pid in children() if runs(pid))


def wrong_without_control(expected):
    """The entries that a new edge does not serve while nothing answers at the control plane's address."""
    os.kill(up.pid, signal.SIGSTOP)  # or it would start again what is killed here
    try:
        for name in ("control", "edge"):
            os.kill(child(name), signal.SIGKILL)
        assert until(lambda: refused(CONTROL) and refused(EDGE)), "the killed processes still answer"
        alone = subprocess.Popen([hq, "edge", "start", "--dir", folder, "--listen", f"127.0.0.1:{EDGE}"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            assert until(lambda: not refused(EDGE)), "the edge did not start without the control plane"
            wrong = [k for k, v in expected.items() if location(k) != v]
            assert refused(CONTROL), "the control plane came back too early"
            return wrong
        finally:
            alone.kill()
            alone.wait()
    finally:
        os.kill(up.pid, signal.SIGCONT)


def refused(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


failed = 0
try:
    assert until(lambda: command("status")), "the campaign did not come up"
    expected, acknowledged, killed = {}, 0, 0
    moments = sorted(random.sample(range(changes), kills))
    for number in range(changes):
        while moments and moments[0] <= number:
            moments.pop(0)
            alive = children()
            if alive:
                os.kill(random.choice(alive), signal.SIGKILL)
                killed += 1
        key, value = f"/k{random.randrange(50)}", f"/v{number}"
        while True:
            report = command("dict", "set", "moves", key, value)
            if report:
                expected[key] = value
                acknowledged += 1
                break
            # Not acknowledged: it may or may not have happened. Ask again until it is known.
            shown = command("dict", "show", "moves", key)
            if shown and shown["data"]["entries"].get(key) == value:
                expected[key] = value
                break
            time.sleep(0.05)
    assert until(lambda: command("status") is not None)
    shown = command("dict", "show", "moves")["data"]["entries"]
    lost = [k for k, v in expected.items() if shown.get(k) != v]
    behind = [k for k, v in expected.items() if not until(lambda: location(k) == v, 20)]
    verified = command("log", "verify")
    database = sqlite3.connect(os.path.join(folder, ".hq/store.sqlite"))
    integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    entries = database.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()[0]
    wrong = wrong_without_control(expected)
    returned = until(lambda: command("status") and not refused(EDGE))
    print(f"seed {seed}: {changes} changes, {acknowledged} acknowledged, {killed} kills, {entries} entries")
    print(f"lost {len(lost)}, not in effect {len(behind)}, ledger {'whole' if verified else 'BROKEN'}, integrity {integrity}")
    print(f"without the control plane a new edge served {len(expected) - len(wrong)} of {len(expected)} entries from disk; "
          f"hq up {'brought both back' if returned else 'DID NOT BRING THEM BACK'}")
    whole = not lost and not behind and verified and integrity == "ok" and entries > changes
    failed = 0 if whole and not wrong and returned else 1
finally:
    up.terminate()
    up.wait(20)
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(failed)
