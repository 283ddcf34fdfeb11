"""Runs the official conformance suite: conformance.py CONFORMANCE BINARY FIXTURE_SERVER

Each revision's own set of required scenarios is run at that revision. A file lists what fails for a reason.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from server import over_http, process

CONFORMANCE, BINARY, FIXTURE_SERVER = sys.argv[1:]
REVISIONS = ["2025-11-25", "2026-07-28"]
EXPECTED = pathlib.Path(__file__).with_name("conformance")


def run(address, revision, expected):
    """Runs one set of scenarios, and returns how many pass and how many failures were expected."""
    with tempfile.TemporaryDirectory() as results:
        suite = subprocess.run(
            [CONFORMANCE, "server", "--url", address + "/mcp", "--requirements", revision,
             "--expected-failures", EXPECTED / expected, "--output-dir", results],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    summary = suite.stdout.partition("=== SUMMARY ===")[2]
    passed = len(re.findall("^✓", summary, re.M))
    if suite.returncode != 0 or not passed:
        raise RuntimeError(f"exit code {suite.returncode}: {summary[-2000:] or suite.stderr[-500:]}")
    return passed, len(re.findall("^  ~", summary, re.M))


def main():
    passed, failed = 0, 0
    servers = [
        ("shipped server", lambda: over_http(BINARY), "shipped_server.yaml"),
        ("fixture server", lambda: process([FIXTURE_SERVER]), "fixture_server.yaml"),
    ]
    for name, start, expected in servers:
        for revision in REVISIONS:
            try:
                with start() as address:
                    good, bad = run(address, revision, expected)
                passed += 1
                print(f"ok     {name} {revision}: {good} scenarios pass, {bad} expected failures", flush=True)
            except Exception as error:
                failed += 1
                print(f"FAILED {name} {revision}: {error}", flush=True)
    print(f"conformance: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if main() else 0)
