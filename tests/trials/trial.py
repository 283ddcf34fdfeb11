#!/usr/bin/env python3
"""Everyday jobs for a language model that has nothing but our tools.

    trial.py tools                    what a model is shown: the instructions and every tool
    trial.py start JOB                a fresh sandbox for one job; prints the task
    trial.py call JOB TOOL [JSON]     one call, as a client makes it; prints what the model reads
    trial.py ask JOB TEXT             a question to the person; prints what they say
    trial.py answer JOB TEXT          what the model tells the person in the end
    trial.py stop                     ends all sandboxes
    trial.py report                   calls, failures, tokens of answers and what was wrong, per job

The binary is TRIAL_BINARY (target/release/saki-mcp); what happened is kept in TRIAL_DIR (target/trials).
A token is counted as four bytes, as `saki-mcp tools --format tokens` does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from jobs import JOBS, World, read, posts

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRIAL_BINARY", str(ROOT / "target/release/saki-mcp"))
KEPT = Path(os.environ.get("TRIAL_DIR", ROOT / "target/trials"))
FIRST_PORT = int(os.environ.get("TRIAL_PORT", "4900"))
HOME = Path(__file__).resolve().parent / "home"


def port(job):
    return FIRST_PORT + list(JOBS).index(job)


class Server:
    """A stdio server and the handshake; one for a whole job, since a confirmation is good at the server that gave it."""

    def __init__(self, port_of):
        self.process = subprocess.Popen([BINARY], env=environment(port_of), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "trial", "version": "1"}}
        self.hello = self.ask("initialize", hello)
        self.write({"method": "notifications/initialized"})

    def write(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def ask(self, method, params):
        self.write({"id": 1, "method": method, "params": params})
        return next(answer for answer in map(json.loads, self.process.stdout) if answer.get("id") == 1)


def environment(port_of):
    return {
        "PATH": os.environ["PATH"],
        "SAKI_API_KEY": "sk_live_key_of_a_trial",
        "SAKI_BASE_URL": f"http://127.0.0.1:{port_of}/api",
        "SAKI_TIMEZONE": "Europe/Berlin",
        "SAKI_MEDIA_DIR": str(HOME),
        "SAKI_LOG": "off",
    }


def hold(job):
    """Keeps the server of one job, for calls that come one by one."""
    server = Server(port(job))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(KEPT / f"{job}.door"))
        door.listen()
        while True:
            caller, _ = door.accept()
            with caller, caller.makefile("rw") as line:
                line.write(json.dumps(server.ask("tools/call", json.loads(line.readline()))) + "\n")


def ask_held(job, params):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(KEPT / f"{job}.door"))
        with door.makefile("rw") as line:
            line.write(json.dumps(params) + "\n")
            line.flush()
            return json.loads(line.readline())


def tools():
    server = Server(1)
    listed = server.ask("tools/list", {})
    print(server.hello["result"]["instructions"], end="\n\n")
    for tool in listed["result"]["tools"]:
        print(f"## {tool['name']}\n{tool['description']}\n{json.dumps(tool['inputSchema'], ensure_ascii=False, separators=(',', ':'))}\n")


def start(job):
    KEPT.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port(job))) == 0:
            sys.exit(f"port {port(job)} is taken, perhaps by an earlier run: end it with `stop`, or set TRIAL_PORT")
    served = subprocess.Popen([BINARY, "sandbox", "--bind", f"127.0.0.1:{port(job)}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(100):
        try:
            before = posts(port(job))
            break
        except OSError:
            time.sleep(0.05)
    (KEPT / f"{job}.door").unlink(missing_ok=True)
    held = subprocess.Popen([sys.executable, __file__, "hold", job], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            start_new_session=True)
    while not (KEPT / f"{job}.door").exists():
        time.sleep(0.05)
    state = {"pids": [served.pid, held.pid], "before": before, "calls": [], "asked": []}
    save(job, state)
    print(JOBS[job].task.replace("{home}", str(HOME)))


def call(job, tool, arguments="{}"):
    state = load(job)
    try:
        given = json.loads(arguments)
    except ValueError as why:
        sys.exit(f"that is no JSON: {why}")
    answer = ask_held(job, {"name": tool, "arguments": given})
    if "error" in answer:
        text, failed = answer["error"]["message"], True
    else:
        text = "\n".join(block.get("text", "") for block in answer["result"]["content"])
        failed = answer["result"].get("isError", False)
    state["calls"].append({"tool": tool, "arguments": given, "failed": failed, "text": text})
    save(job, state)
    print(("FAILED: " if failed else "") + text)


def ask(job, text):
    state = load(job)
    state["asked"].append(text)
    save(job, state)
    print(JOBS[job].person)


def answer(job, text):
    state = load(job)
    state["answer"] = text
    world = World(state["before"], posts(port(job)), text, lambda path: read(port(job), path))
    state["wrong"] = JOBS[job].check(world)
    save(job, state)
    print("noted")


def report():
    rows = [(job, load(job)) for job in JOBS if (KEPT / f"{job}.json").exists()]
    rows = [(job, state) for job, state in rows if "answer" in state]
    print("| job | calls | failed | asked | tokens | wrong |\n|---|---|---|---|---|---|")
    all_calls = all_failed = all_tokens = all_wrong = 0
    for job, state in rows:
        calls, failed = len(state["calls"]), sum(c["failed"] for c in state["calls"])
        tokens = sum(len(c["text"].encode()) for c in state["calls"]) // 4
        print(f"| {job} | {calls} | {failed} | {len(state['asked'])} | {tokens} | {state['wrong'] or ''} |")
        all_calls, all_failed = all_calls + calls, all_failed + failed
        all_tokens, all_wrong = all_tokens + tokens, all_wrong + bool(state["wrong"])
    n = max(len(rows), 1)
    print(f"| mean of {len(rows)} | {all_calls / n:.1f} | {all_failed / n:.2f} | | {all_tokens / n:.0f} | {all_wrong} in all |")


def stop():
    for job in JOBS:
        if (KEPT / f"{job}.json").exists():
            for pid in load(job)["pids"]:
                try:
                    os.killpg(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass


def load(job):
    return json.loads((KEPT / f"{job}.json").read_text())


def save(job, state):
    (KEPT / f"{job}.json").write_text(json.dumps(state, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    does = {"tools": tools, "start": start, "call": call, "ask": ask, "answer": answer, "hold": hold, "stop": stop, "report": report}
    if len(sys.argv) < 2 or sys.argv[1] not in does:
        sys.exit(__doc__)
    does[sys.argv[1]](*sys.argv[2:])
