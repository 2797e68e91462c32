"""Processes that a benchmark starts: on free ports, in a scratch folder, and gone at the end whatever happens.

A benchmark that leaves a server behind spoils the next one, so nothing here is started outside of a `Stage`.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

FIRST_PORT = 18000
"""Ports are sought from here on: above what services use, below what the kernel gives to outgoing connections."""

LAST_PORT = 32000
GRACE_SECONDS = 10


class Stage:
    """The scratch folder and the processes of one part; use it in a `with`."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"hq-bench-{name}-")
        # Servers that give up root must still reach their own folders in here.
        os.chmod(self.folder, 0o755)
        self.processes = []
        self.next_port = FIRST_PORT

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A second Ctrl-C must not keep the servers alive.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in reversed(self.processes):
            end(process)
        shutil.rmtree(self.folder, ignore_errors=True)
        signal.signal(signal.SIGINT, before)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def free_port(self):
        """A free port that no earlier call gave away."""
        port = free_port(self.next_port)
        self.next_port = port + 1
        return port

    def start(self, name, argv, **options):
        """Starts a server in a process group of its own; what it says goes to NAME.log in the scratch folder."""
        with open(self.path(f"{name}.log"), "ab") as log:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True, **options)
        self.processes.append(process)
        return process

    def log(self, name):
        """The last lines that a server said, for the message when it did not come up."""
        with open(self.path(f"{name}.log"), errors="replace") as log:
            return "".join(log.readlines()[-10:])


def free_port(first=FIRST_PORT):
    """The first port from `first` on at which nobody listens.

    Edges share a port that another edge holds, so that a port chosen blindly would let strangers answer.
    """
    for port in range(first, LAST_PORT):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError(f"no free port between {first} and {LAST_PORT}")


def ended(process):
    return process.poll() is not None


def end(process):
    """Ends a process in good order, and with force what remains of its group."""
    if not ended(process):
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def until(test, what, seconds=30, pause=0.005):
    """Waits until `test` is true; without it in time the benchmark has nothing to measure and stops."""
    deadline = time.monotonic() + seconds
    while not test():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not happen within {seconds} s")
        time.sleep(pause)
