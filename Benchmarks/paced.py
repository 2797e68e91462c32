#!/usr/bin/env python3
"""A client that sends requests at a constant rate, whatever the server does: an open loop.

A client that waits for an answer before it sends the next request asks a slow server less often, and so hides how slow
it was. Here each request is due at its moment and its latency counts from that moment, sent in time or not.

usage: paced.py PORT PATH RATE CONNECTIONS SECONDS [HOST]     SIGTERM ends it earlier; it prints one JSON object.
"""
import array
import collections
import json
import re
import select
import signal
import socket
import sys
import time

from tables import quantile

DRAIN_SECONDS = 2
"""What is not answered so long after the end counts as an error."""

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Line:
    """A kept-alive connection with at most one request on its way."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = None
        self.answer = b""

    def answered(self):
        """The status of a complete answer, None while it is not complete. EOFError when the server hung up."""
        received = self.socket.recv(65536)
        if not received:
            raise EOFError
        self.answer += received
        head, separator, body = self.answer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = LENGTH.search(head)
        if not length:
            raise ValueError("an answer without Content-Length cannot be told from the next one")
        if len(body) < int(length[1]):
            return None
        self.answer = b""
        return int(head[9:12])


class Load:
    def __init__(self, port, path, rate, connections, seconds, host):
        self.port, self.rate, self.wanted = port, rate, int(rate * seconds)
        self.request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        self.poll = select.epoll()
        self.lines = {}
        # In turn, so that all connections and with them all of the server's loops get their part.
        self.idle = collections.deque()
        self.latencies, self.lateness = array.array("d"), array.array("d")
        self.sent = self.good = self.errors = 0
        self.stopping = False
        for _ in range(connections):
            self.connect()

    def connect(self):
        line = Line(self.port)
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket, select.EPOLLIN)
        self.idle.append(line)

    def run(self):
        start = time.perf_counter()
        while self.sent < self.wanted and not self.stopping:
            self.send_due(start)
            self.receive(start + self.sent / self.rate)
        spent = time.perf_counter() - start
        deadline = time.perf_counter() + DRAIN_SECONDS
        while len(self.idle) < len(self.lines) and time.perf_counter() < deadline:
            self.receive(deadline)
        self.errors += len(self.lines) - len(self.idle)
        return self.report(spent)

    def send_due(self, start):
        while self.idle and self.sent < self.wanted:
            due = start + self.sent / self.rate
            now = time.perf_counter()
            if due > now:
                return
            line = self.idle.popleft()
            line.due = due
            self.lateness.append(now - due)
            self.sent += 1
            try:
                line.socket.send(self.request)
            except OSError:
                self.broken(line)

    def receive(self, until):
        """Takes what has arrived; sleeps until `until` at most when there is nothing."""
        events = self.poll.poll(0)
        if not events:
            # epoll counts in milliseconds, select in microseconds. With no line idle only an answer can help.
            pause = until - time.perf_counter() if self.idle else DRAIN_SECONDS
            if pause > 0:
                select.select([self.poll], [], [], pause)
            events = self.poll.poll(0)
        for descriptor, _ in events:
            self.take(self.lines[descriptor])

    def take(self, line):
        try:
            status = line.answered()
        except (OSError, EOFError):
            self.broken(line)
            return
        if status is None:
            return
        self.latencies.append(time.perf_counter() - line.due)
        self.idle.append(line)
        if status == 200:
            self.good += 1
        else:
            self.errors += 1

    def broken(self, line):
        """A lost connection is an error and is replaced. Where nobody listens any more, the load ends."""
        self.errors += 1
        self.poll.unregister(line.socket)
        del self.lines[line.socket.fileno()]
        if line in self.idle:
            self.idle.remove(line)
        line.socket.close()
        try:
            self.connect()
        except OSError:
            self.stopping = True

    def report(self, spent):
        return {
            "requests": self.sent, "good": self.good, "errors": self.errors, "rate": self.sent / spent,
            **{f"p{name}": quantile(self.latencies, share) * 1000
               for name, share in (("50", 0.5), ("99", 0.99), ("999", 0.999))},
            "max": max(self.latencies) * 1000, "late_p99": quantile(self.lateness, 0.99) * 1000,
        }


def main():
    port, path, rate, connections, seconds = sys.argv[1:6]
    host = sys.argv[6] if len(sys.argv) > 6 else f"127.0.0.1:{port}"
    load = Load(int(port), path, float(rate), int(connections), float(seconds), host)

    def stop(*_):
        load.stopping = True
    signal.signal(signal.SIGTERM, stop)
    print(json.dumps(load.run()))


if __name__ == "__main__":
    main()
