"""Starts the processes under test on free ports, and checks that they exit cleanly on SIGTERM."""

import contextlib
import re
import subprocess


@contextlib.contextmanager
def process(command, environment=None):
    """Starts a process that logs its address, and yields that address."""
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        log = ""
        for line in server.stderr:
            log += line
            if found := re.search(r"http://[\d.:]+", line):
                yield found[0]
                break
        else:
            raise RuntimeError(f"the server did not start: {log}")
    finally:
        server.terminate()
        code = server.wait(timeout=15)
    if code != 0:
        raise RuntimeError(f"the server exited with code {code}")


def over_http(binary, options=("--sandbox",), environment=None):
    """A server for HTTP clients. Each run has its own, so it does not see what another run deleted."""
    return process([binary, *options, "http", "--bind", "127.0.0.1:0"], environment)
