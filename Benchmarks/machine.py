"""What the kernel says about CPU time: of a server, and of everybody who disturbs the measurement."""
import os

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()

QUIET = 0.10
"""Other processes may use this share of one core; above it a part prints a warning."""

TRIES = 3
"""So many times the wanted rounds are made at most in search of quiet ones."""


def processes():
    """Of each process: its parent, its own CPU seconds, and those of its children that have ended."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                # The name in brackets may hold blanks and brackets; behind the last one come plain fields.
                fields = stat.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        user, system, child_user, child_system = (int(field) / TICKS for field in fields[11:15])
        found[int(name)] = (int(fields[1]), user + system, child_user + child_system)
    return found


def tree(found, root):
    """The process and all its descendants."""
    members = {root}
    while True:
        more = {pid for pid, (parent, _, _) in found.items() if parent in members} - members
        if not more:
            return members
        members |= more


def cpu_seconds(root):
    """User and system time of a server and all its processes."""
    found = processes()
    return sum(found[pid][1] for pid in tree(found, root) if pid in found)


def own_cpu_seconds():
    """All that this benchmark, its servers and its clients ever used, those that have ended too."""
    found = processes()
    return sum(found[pid][1] + found[pid][2] for pid in tree(found, os.getpid()) if pid in found)


def machine_cpu_seconds():
    """What all processors did, and what the hypervisor gave to other machines meanwhile."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = (int(n) / TICKS for n in stat.readline().split()[1:9])
    return user + nice + system + irq + softirq, steal


class Neighbours:
    """How much CPU others used while something was measured: a compiler next door makes every figure worse.

    Each `with` is one measured round; `words` speaks of those that count.
    """

    def __init__(self, clock):
        self.clock = clock
        self.others, self.stolen = [], []
        self.repeated = 0

    def __enter__(self):
        self.before = (self.clock(), own_cpu_seconds(), machine_cpu_seconds())

    def __exit__(self, *_):
        began, own, (busy, steal) = self.before
        spent = self.clock() - began
        now_busy, now_steal = machine_cpu_seconds()
        self.others.append(max(0.0, (now_busy - busy - (own_cpu_seconds() - own)) / spent))
        self.stolen.append((now_steal - steal) / spent)

    def rounds(self, count, measure):
        """What `measure` returned in `count` rounds. A disturbed round is thrown away and made again.

        What others did decides, never what came out. Disturbed medians can favour anybody: noise that begins halfway
        takes one server's figure from a quiet round and another's from a loud one. After `TRIES` as many rounds the
        loud ones count all the same, and `words` says so.
        """
        results = []
        spare = (TRIES - 1) * count
        while len(results) < count:
            with self:
                result = measure()
            if spare and self.loud(-1):
                self.others.pop()
                self.stolen.pop()
                self.repeated += 1
                spare -= 1
                continue
            results.append(result)
        return results

    def loud(self, index):
        return max(self.others[index], self.stolen[index]) > QUIET

    def words(self):
        """Lines to print about the quiet; none when there was nothing but quiet."""
        lines = []
        if self.repeated:
            lines.append(f"{self.repeated} rounds that others disturbed were thrown away and made again")
        loud = sum(self.loud(index) for index in range(len(self.others)))
        if loud:
            lines.append(f"warning: not quiet in {loud} of {len(self.others)} rounds: other processes used up to "
                         f"{max(self.others):.0%} of one core, other machines up to {max(self.stolen):.0%}; "
                         f"take the figures with care")
        return lines
