"""The processes under test: started on free ports, and expected to end cleanly."""

import contextlib
import re
import subprocess


@contextlib.contextmanager
def process(command, environment=None):
    """Starts a process that says where it listens, and yields that address."""
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        for line in server.stderr:
            said += line
            if found := re.search(r"http://[\d.:]+", line):
                yield found[0]
                break
        else:
            raise RuntimeError(f"the server did not start: {said}")
    finally:
        server.terminate()
        ended = server.wait(timeout=15)
    if ended != 0:
        raise RuntimeError(f"the server ended with exit code {ended}")


def over_http(binary, options=("--sandbox",), environment=None):
    """A server for HTTP clients: one for each run, so that what one run deletes the next one finds."""
    return process([binary, *options, "http", "--bind", "127.0.0.1:0"], environment)
