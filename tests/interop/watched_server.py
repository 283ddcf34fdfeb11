"""A server under attack: its memory and descriptors, its log, and somebody who goes on to use it."""

import os
import pathlib
import re
import threading
import time

from raw_client import LIST_SPACES, ask, connect, post
from server import Process

# What may be left of an attack, and when at the latest.
MORE_MEMORY = 4 * 1024
SECONDS = 30
MORE_DESCRIPTORS = 4
PATIENCE = 20


class Usage:
    """Resident memory in KiB, and open descriptors without the idle connections to Saki, which are kept for 90 s."""

    def __init__(self, process_id, port):
        process = pathlib.Path(f"/proc/{process_id}")
        status = (process / "status").read_text()
        self.memory, self.peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmRSS", "VmHWM"))
        opened = []
        for descriptor in os.listdir(process / "fd"):
            try:
                opened.append(os.readlink(process / "fd" / descriptor))
            except FileNotFoundError:
                # It was closed meanwhile.
                pass
        rows = (row.split() for row in (process / "net/tcp").read_text().splitlines()[1:])
        established = [(row[1].partition(":")[2], f"socket:[{row[9]}]") for row in rows if row[3] == "01"]
        kept = {name for local, name in established if int(local, 16) != port}
        self.descriptors = sum(name not in kept for name in opened)

    def is_back_at(self, start):
        most = min(start.memory + MORE_MEMORY, start.memory * 1.2)
        return self.memory <= most and self.descriptors <= start.descriptors + MORE_DESCRIPTORS

    def __str__(self):
        return f"{self.memory / 1024:.1f} MiB and {self.descriptors} descriptors"


class Watched:
    """A server, and a caller on a connection of its own who calls it all the time."""

    def __init__(self, command, environment=None, headers="", wrap=lambda connection: connection):
        self.process = Process(command, environment)
        self.port = int(self.process.address.rpartition(":")[2])
        self.headers, self.wrap = headers, wrap
        self.ended, self.failures, self.slowest, self.calls = threading.Event(), [], 0, 0
        for _ in range(30):
            self.call()
        self.start = self.usage()
        self.caller = threading.Thread(target=self.go_on, daemon=True)
        self.caller.start()

    def usage(self):
        return Usage(self.process.child.pid, self.port)

    def connect(self, source="127.0.0.1", timeout=PATIENCE):
        return self.wrap(connect(self.port, source, timeout))

    def ask(self, sent, source="127.0.0.1", method="POST"):
        """The answer to a request on a new connection."""
        with self.connect(source) as connection:
            return ask(connection, sent, method)

    def call(self, connection=None, headers=None, source="127.0.0.1"):
        """A call that has to succeed."""
        sent = post(LIST_SPACES, self.headers if headers is None else headers)
        answer = ask(connection, sent) if connection else self.ask(sent, source)
        if answer is None or answer.status != 200 or "Acme Coffee" not in answer.body.decode():
            raise RuntimeError(f"a good call is answered {answer}")

    def go_on(self):
        connection = self.connect()
        while not self.ended.wait(0.05):
            try:
                began = time.monotonic()
                self.call(connection)
                self.slowest, self.calls = max(self.slowest, time.monotonic() - began), self.calls + 1
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
                time.sleep(0.5)
                connection = self.connect()
        connection.close()

    def aftermath(self):
        """How the server is after an attack; an error if it is worse than before."""
        until, began = time.monotonic() + SECONDS, time.monotonic()
        self.call()
        while not (usage := self.usage()).is_back_at(self.start) and time.monotonic() < until:
            time.sleep(0.25)
        wrong = [line for line in self.process.log if "panic" in line or "met a bug" in line]
        if not usage.is_back_at(self.start):
            wrong.append(f"{SECONDS} s later it takes {usage}, and {self.start} at the start (peak: {usage.peak / 1024:.0f} MiB)")
        if self.process.child.poll() is not None:
            wrong.append("it has ended")
        failures, slowest, calls = self.failures, self.slowest, self.calls
        self.failures, self.slowest, self.calls = [], 0, 0
        if failures:
            wrong.append(f"{len(failures)} of {calls} good calls failed meanwhile, such as {failures[0]}")
        if wrong:
            raise RuntimeError("; ".join(wrong))
        took = time.monotonic() - began
        return (
            f"at the start {self.start}; after {took:.1f} s {usage}, peak {usage.peak / 1024:.0f} MiB; "
            f"{calls} good calls meanwhile, the slowest {slowest * 1000:.0f} ms"
        )

    def close(self):
        self.ended.set()
        self.caller.join(PATIENCE)
        code = self.process.stop()
        if code != 0:
            raise RuntimeError(f"the server exited with code {code}")
