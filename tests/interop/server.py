"""Starts the processes under test on free ports, and checks that they exit cleanly on SIGTERM."""

import contextlib
import pathlib
import re
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "deploy"))
from check_nginx import Nginx, free_port, new_token  # noqa: E402, F401


class Process:
    """A process that logs its address to standard error."""

    def __init__(self, command, environment=None):
        self.child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.log, self.output = [], []
        self.started, self.address = threading.Event(), None
        for lines, kept in ((self.child.stderr, self.log), (self.child.stdout, self.output)):
            threading.Thread(target=self.read, args=(lines, kept), daemon=True).start()
        self.started.wait(30)
        if not self.address:
            self.child.kill()
            raise RuntimeError(f"the server did not start: {self.log}")

    def read(self, lines, kept):
        # All of it is read: a server whose pipe is full stops.
        for line in lines:
            kept.append(line)
            # Only there: a warning before it may name the address of another.
            announced = kept is self.log and re.search(r"(?:listening|simulated Saki).*?(https?://[\d.:]+)", line)
            if announced and not self.address:
                self.address = announced[1]
                self.started.set()
        if kept is self.log:
            self.started.set()

    def stop(self):
        self.child.terminate()
        return self.child.wait(timeout=30)


@contextlib.contextmanager
def process(command, environment=None):
    """Starts a process that logs its address, and yields that address."""
    server = Process(command, environment)
    try:
        yield server.address
    finally:
        code = server.stop()
    if code != 0:
        raise RuntimeError(f"the server exited with code {code}")


def over_http(binary, options=("--sandbox",), environment=None):
    """A server for HTTP clients. Each run has its own, so it does not see what another run deleted."""
    return process([binary, *options, "http", "--bind", "127.0.0.1:0"], environment)
