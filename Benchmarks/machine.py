"""What the kernel says about CPU time: of a server, and of everybody who disturbs the measurement."""
import os

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()

QUIET = 0.10
"""Other processes may use this share of one core; above it a part prints a warning."""


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

    Each `with` is one measured round; `warning` speaks about all of them.
    """

    def __init__(self, clock):
        self.clock = clock
        self.others, self.stolen = [], []

    def __enter__(self):
        self.before = (self.clock(), own_cpu_seconds(), machine_cpu_seconds())

    def __exit__(self, *_):
        began, own, (busy, steal) = self.before
        spent = self.clock() - began
        now_busy, now_steal = machine_cpu_seconds()
        self.others.append(max(0.0, (now_busy - busy - (own_cpu_seconds() - own)) / spent))
        self.stolen.append((now_steal - steal) / spent)

    def warning(self):
        """A line to print, or None when the rounds were quiet."""
        noisy = sum(1 for round in zip(self.others, self.stolen) if max(round) > QUIET)
        if not noisy:
            return None
        return (f"warning: not quiet in {noisy} of {len(self.others)} rounds: other processes used up to "
                f"{max(self.others):.0%} of one core, other machines up to {max(self.stolen):.0%}; "
                f"take the figures with care")
