#!/usr/bin/env python3
"""Counts the processor instructions of ten calls, and compares them with benches/instructions.json.

instructions.py BINARY            fails where a call takes over 5 % more than recorded
instructions.py BINARY --record   records what they take now
instructions.py BINARY --profile CALL
                                  shows how many instructions of such a call belong to each library; the binary needs symbols:
                                  CARGO_PROFILE_DIST_STRIP=none cargo build --profile dist

Needs valgrind. Unlike times, the counts do not depend on how busy the machine is; with another compiler they change,
so they are recorded anew with it. A call's count is what a run takes beyond the start of a server, divided by its calls.
"""

import collections
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading

BUDGET = pathlib.Path(__file__).with_suffix(".json")
TOLERANCE = 1.05
STARTS = 3
SPACE = {"id": 1, "name": "Acme", "timezone": "Europe/Berlin"}
ACCOUNT = {"id": 11, "social": "twitter", "display_name": "Acme Coffee", "handler": "acmecoffee", "is_active": True}
SUBSCRIPTION = {"plan": "team", "limits": {"max_spaces": 10, "max_posts_per_month": 500, "remaining_posts": 473}}
DRAFT = {"space_id": 1, "content": "Plum cake on Saturday", "account_ids": [11], "publish": "draft", "dry_run": True}
# Of the cheap ones as many that the start, which varies, does not matter.
CALLS = {
    "get_subscription": ({}, 200),
    "list_spaces": ({}, 200),
    "list_accounts": ({"space_id": 1}, 200),
    "list_posts": ({"space_id": 1}, 30),
    "list_posts, a search": ({"space_id": 1, "search": "plum cake"}, 30),
    "get_post": ({"space_id": 1, "post_id": 1}, 100),
    "get_queue": ({"space_id": 1}, 30),
    "get_overview": ({}, 20),
    "create_post, a dry run": (DRAFT, 100),
    "a call that is refused": ({"space_id": "none"}, 200),
}
INITIALIZE = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}


def post(number):
    return {
        "id": number, "content": "New season, new flavours: come and taste our plum cake on Saturday at the market.",
        "status": 1, "scheduled_at": "2099-04-10T07:00:00.000000Z", "published_at": None, "metadata": None,
        "cluster_id": "9b2f4c0e-5a41-4c2b-8a51-0d4f7f1c3e21", "parent_id": None, "user_id": 3, "account_id": 11,
        "created_at": "2027-04-01T08:00:00.000000Z", "updated_at": "2027-04-02T09:30:00.000000Z",
        "analytics": {"likes": 12, "shares": 3}, "account": ACCOUNT, "children": [], "media": [],
    }  # fmt: skip


def reply(path):
    if path.endswith("/posts"):
        meta = {"current_page": 1, "last_page": 1, "per_page": 15, "total": 15}
        return {"data": [post(row) for row in range(1, 16)], "meta": meta}
    if "/posts/" in path:
        return {"data": post(1)}
    if path.endswith("/queue"):
        return {"data": [post(row) for row in range(1, 16)]}
    if path.endswith("/accounts"):
        return {"data": [ACCOUNT]}
    return {"data": [SPACE]} if path.endswith("/spaces") else {"data": SUBSCRIPTION}


class Saki(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(reply(self.path.partition("?")[0])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server:
    """A server under callgrind, on stdio."""

    def __init__(self, binary, saki, profile="/dev/null"):
        variables = {"SAKI_API_KEY": "sk_live_abcdefgh12345678", "SAKI_BASE_URL": saki, "SAKI_LOG": "error"}
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", binary]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )  # fmt: skip
        self.ask({"id": 0, "method": "initialize", "params": INITIALIZE})
        self.send({"method": "notifications/initialized"})
        self.ask({"id": 1, "method": "tools/list"})
        # The first call waits for what the server prepares in the background.
        self.call("get_subscription", {})

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, message):
        self.send(message)
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == message["id"] and "result" in answer, answer
        return answer["result"]

    def call(self, tool, arguments):
        return self.ask({"id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})

    def end(self):
        """The instructions of the whole process."""
        self.process.stdin.close()
        told = self.process.stderr.read().decode()
        self.process.wait()
        return int(re.search(r"Collected : (\d+)", told)[1])


def tool_of(name):
    """The tool of the calls of this name, and whether the server is to refuse them."""
    is_refused = name.startswith("a call")
    return ("list_posts" if is_refused else name.partition(",")[0]), is_refused


def count(binary, saki, name, profile="/dev/null", times=None):
    """The instructions of a start and all calls of this name."""
    arguments, usual_times = CALLS[name]
    tool, is_refused = tool_of(name)
    server = Server(binary, saki, profile)
    for _ in range(usual_times if times is None else times):
        result = server.call(tool, arguments)
        assert result.get("isError", False) == is_refused, (name, result)
    return server.end()


def library(function):
    """The library that a function belongs to: the first that its name has, beside the standard library."""
    if re.match(r"_*(?:int_)?(?:malloc|calloc|realloc|c?free|unlink_chunk|posix_memalign|malloc_consolidate)\b|.*__rust_(?:de|re)?alloc", function):
        return "allocator"
    if re.match(r"_*mem(?:cpy|move|cmp|set|chr)_", function):
        return "copies and comparisons of memory"
    for path in re.findall(r"\b(?:[a-z][a-z0-9_]*::)+", function):
        crate, *modules = path.split("::")
        if crate == "saki_mcp":
            return f"saki-mcp {modules[0]}".strip()
        if crate not in ("core", "alloc", "std"):
            return crate
    return "standard library" if "::" in function else "other"


def by_library(profile):
    """The instructions of a callgrind profile for each library, inlined functions included."""
    names, sums, current, is_call = {}, collections.Counter(), "other", False
    for line in profile.read_text(errors="replace").splitlines():
        if found := re.match(r"(c?fn)=\((\d+)\)(?: (.*))?$", line):
            function = names.setdefault(found[2], library(found[3] or ""))
            current = function if found[1] == "fn" else current
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[+*\d-]\S* \d+$", line):
            # The line after a call holds what the called function takes, which counts there.
            sums[current] += 0 if is_call else int(line.split()[1])
            is_call = False
    return sums


def show_profile(binary, saki, name):
    times = CALLS[name][1]
    with tempfile.TemporaryDirectory() as folder:
        profiles = [pathlib.Path(folder) / part for part in ("start", "calls")]
        count(binary, saki, name, profiles[0], times=0)
        count(binary, saki, name, profiles[1])
        start, calls = map(by_library, profiles)
    calls.subtract(start)
    total = calls.total()
    if calls["other"] > total / 2:
        sys.exit(f"{binary} has no symbols; the first lines of {__file__} say how it gets them")
    print(f"{name}: {round(total / times):,} instructions a call")
    for library_name, instructions in calls.most_common(14):
        print(f"{instructions / total:6.1%} {round(instructions / times):>10,}  {library_name}")


def main():
    binary, record = sys.argv[1], sys.argv[2:] == ["--record"]
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Saki)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    saki = f"http://127.0.0.1:{listener.server_port}"

    if sys.argv[2:3] == ["--profile"]:
        if sys.argv[3:] not in [[name] for name in CALLS]:
            sys.exit(f"--profile takes one of these calls: {'; '.join(CALLS)}")
        show_profile(binary, saki, sys.argv[3])
        return
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        start = statistics.median(pool.map(lambda _: Server(binary, saki).end(), range(STARTS)))
        totals = pool.map(lambda name: count(binary, saki, name), CALLS)
    counts = {name: round((total - start) / CALLS[name][1]) for name, total in zip(CALLS, totals)}
    if record:
        BUDGET.write_text(json.dumps(counts, indent=2) + "\n")
    budget = json.loads(BUDGET.read_text())
    above = [name for name in CALLS if counts[name] > budget[name] * TOLERANCE]
    for name in CALLS:
        print(f"instructions: {name}: {counts[name]:,} of {budget[name]:,}{' TOO MANY' if name in above else ''}")
    print(f"instructions: {len(CALLS) - len(above)} passed; {len(above)} failed")
    sys.exit(bool(above))


if __name__ == "__main__":
    main()
