"""Where the checks find what run.py has staged and packed, and an MCP client over stdio that is not ours.
Needs Python 3.11 on Linux x86-64.
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import project  # noqa: E402

WORK, TOOLS = (pathlib.Path(os.environ[name]) for name in ("PACKAGING_WORK", "PACKAGING_TOOLS"))
BINARIES, OUT, NPM = WORK / "binaries", WORK / "out", WORK / "npm"
BINARY = project.HOST.binary(BINARIES)

# What a client that clears its environment gives.
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def answers(command, environment, method="tools/list"):
    """Starts a server and asks it one thing, as a client from before 2026 does. Returns the result and its log."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "check", "version": "1"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": method, "params": {}},
    ]
    text = "".join(json.dumps(message) + "\n" for message in messages)
    done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, timeout=60)
    replies = {reply.get("id"): reply for reply in map(json.loads, done.stdout.splitlines())}
    if done.returncode != 0 or 2 not in replies:
        raise AssertionError(f"{command} exits with {done.returncode}: {done.stderr}{done.stdout[:500]}")
    return replies[2]["result"], done.stderr


def tool_names(command, environment=None):
    result, _ = answers(command, BARE if environment is None else environment)
    return {tool["name"] for tool in result["tools"]}


def all_tools():
    listed = subprocess.run([BINARY, "tools", "--format", "json"], env=BARE, check=True, capture_output=True).stdout
    return {tool["name"] for tool in json.loads(listed)}


class Check(unittest.TestCase):
    """What holds for the packages. The names of the checks are sentences."""

    maxDiff = None
