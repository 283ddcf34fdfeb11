"""The HTTP server under test: one for each run, so that what one run deletes the next one finds."""

import contextlib
import re
import subprocess


@contextlib.contextmanager
def over_http(binary):
    """Starts it on a free port, yields its address, and expects a clean end."""
    server = subprocess.Popen(
        [binary, "--sandbox", "http", "--bind", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    )
    try:
        said = ""
        for line in server.stderr:
            said += line
            if found := re.search(r"http://[\d.:]+(?=/mcp)", line):
                yield found[0]
                break
        else:
            raise RuntimeError(f"the server did not start: {said}")
    finally:
        server.terminate()
        ended = server.wait(timeout=15)
    if ended != 0:
        raise RuntimeError(f"the server ended with exit code {ended}")
