#!/usr/bin/env python3
"""Everyday jobs for a language model that has nothing but our tools.

    trial.py tools                    what a model is shown: the instructions and every tool
    trial.py start JOB                a fresh sandbox for one job; prints the task
    trial.py call JOB TOOL [JSON]     one call, as a client makes it; prints what the model reads
    trial.py answer JOB TEXT          what the model tells the person in the end
    trial.py stop                     ends all sandboxes
    trial.py report                   calls, failures, tokens of answers and what was wrong, per job

The binary is TRIAL_BINARY (target/release/saki-mcp); what happened is kept in TRIAL_DIR (target/trials).
A token is counted as four bytes, as `saki-mcp tools --format tokens` does.
"""

import json
import os
import signal
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


def talk(port_of, *requests):
    """One stdio server, the handshake, the requests; the results in order."""
    env = {
        "PATH": os.environ["PATH"],
        "SAKI_API_KEY": "trial",
        "SAKI_BASE_URL": f"http://127.0.0.1:{port_of}/api",
        "SAKI_TIMEZONE": "Europe/Berlin",
        "SAKI_MEDIA_DIR": str(HOME),
        "SAKI_LOG": "off",
    }
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "trial", "version": "1"}}
    lines = [{"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello},
             {"jsonrpc": "2.0", "method": "notifications/initialized"}]
    lines += [{"jsonrpc": "2.0", "id": i + 1, "method": m, "params": p} for i, (m, p) in enumerate(requests)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    run = subprocess.run([BINARY], input=text, env=env, capture_output=True, text=True, timeout=120)
    answers = {m["id"]: m for m in map(json.loads, run.stdout.splitlines()) if "id" in m}
    return [answers[i] for i in range(len(requests) + 1)]


def tools():
    hello, listed = talk(1, ("tools/list", {}))
    print(hello["result"]["instructions"], end="\n\n")
    for tool in listed["result"]["tools"]:
        print(f"## {tool['name']}\n{tool['description']}\n{json.dumps(tool['inputSchema'], ensure_ascii=False, separators=(',', ':'))}\n")


def start(job):
    KEPT.mkdir(parents=True, exist_ok=True)
    served = subprocess.Popen([BINARY, "sandbox", "--bind", f"127.0.0.1:{port(job)}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(100):
        try:
            before = posts(port(job))
            break
        except OSError:
            time.sleep(0.05)
    state = {"pid": served.pid, "before": before, "calls": []}
    save(job, state)
    print(JOBS[job].task.replace("{home}", str(HOME)))


def call(job, tool, arguments="{}"):
    state = load(job)
    try:
        given = json.loads(arguments)
    except ValueError as why:
        sys.exit(f"that is no JSON: {why}")
    answer = talk(port(job), ("tools/call", {"name": tool, "arguments": given}))[1]
    if "error" in answer:
        text, failed = answer["error"]["message"], True
    else:
        text = "\n".join(block.get("text", "") for block in answer["result"]["content"])
        failed = answer["result"].get("isError", False)
    state["calls"].append({"tool": tool, "arguments": given, "failed": failed, "text": text})
    save(job, state)
    print(("FAILED: " if failed else "") + text)


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
    print("| job | calls | failed | tokens | wrong |\n|---|---|---|---|---|")
    all_calls = all_failed = all_tokens = all_wrong = 0
    for job, state in rows:
        calls, failed = len(state["calls"]), sum(c["failed"] for c in state["calls"])
        tokens = sum(len(c["text"].encode()) for c in state["calls"]) // 4
        print(f"| {job} | {calls} | {failed} | {tokens} | {state['wrong'] or ''} |")
        all_calls, all_failed = all_calls + calls, all_failed + failed
        all_tokens, all_wrong = all_tokens + tokens, all_wrong + bool(state["wrong"])
    n = max(len(rows), 1)
    print(f"| mean of {len(rows)} | {all_calls / n:.1f} | {all_failed / n:.2f} | {all_tokens / n:.0f} | {all_wrong} in all |")


def stop():
    for job in JOBS:
        if (KEPT / f"{job}.json").exists():
            try:
                os.kill(load(job)["pid"], signal.SIGTERM)
            except ProcessLookupError:
                pass


def load(job):
    return json.loads((KEPT / f"{job}.json").read_text())


def save(job, state):
    (KEPT / f"{job}.json").write_text(json.dumps(state, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    does = {"tools": tools, "start": start, "call": call, "answer": answer, "stop": stop, "report": report}
    if len(sys.argv) < 2 or sys.argv[1] not in does:
        sys.exit(__doc__)
    does[sys.argv[1]](*sys.argv[2:])
