"""Calls every tool of a saki-mcp binary with the command line of the MCP Inspector: over stdio, /mcp and /sse.

Each call is a separate process.
"""

import concurrent.futures
import contextlib
import json
import pathlib
import subprocess
import sys

from server import over_http

BINARY, INSPECTOR = sys.argv[1:]
CALLS = json.loads(pathlib.Path(__file__).with_name("calls.json").read_text())
# The exit code of the Inspector for a failed tool.
TOOL_FAILED = 5


def inspect(target, era, *arguments):
    command = [INSPECTOR, "--cli", *target, "--protocol-era", era, "--format", "json", "--quiet", *arguments]
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return process.returncode, process.stdout, process.stderr


def call(target, era, name, arguments):
    arguments = json.dumps(arguments)
    return inspect(target, era, "--method", "tools/call", "--tool-name", name, "--tool-args-json", arguments)


def run(transport, era):
    with contextlib.ExitStack() as stack:
        # Over stdio each call has its own server, so a confirmation token cannot reach the next call.
        target = [BINARY, "--sandbox", "--confirm", "never"] if transport == "stdio" else [stack.enter_context(over_http(BINARY)) + transport]
        code, out, err = inspect(target, era, "--method", "tools/list", "--strict")
        if code != 0:
            raise RuntimeError(f"tools/list --strict exits with {code}: {err or out}")
        tools = {tool["name"] for tool in json.loads(out)["result"]["tools"]}
        if missing := tools - {call[0] for call in CALLS}:
            raise RuntimeError(f"no call of {missing}")
        for name, arguments, *traits in CALLS:
            code, out, err = call(target, era, name, arguments)
            if "asks" in traits and transport != "stdio":
                # The Inspector's command line does not support elicitation, so a second call confirms.
                needed = json.loads(out)["result"]["structuredContent"]
                if needed["outcome"] != "confirmation_needed":
                    raise RuntimeError(f"{name} {arguments}: not asked: {out[:500]}")
                code, out, err = call(target, era, name, arguments | {"confirmation": needed["confirmation"]})
            if "asks" in traits and json.loads(out)["result"]["structuredContent"]["outcome"] != "done":
                raise RuntimeError(f"{name} {arguments}: not done: {out[:500]}")
            if code != (TOOL_FAILED if "fails" in traits else 0):
                raise RuntimeError(f"{name} {arguments}: exit code {code}: {(err or out)[:500]}")
        return len(tools)


def main():
    transports = [("stdio", "legacy"), ("/mcp", "modern"), ("/sse", "legacy")]
    passed, failed = 0, 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [(transport, era, pool.submit(run, transport, era)) for transport, era in transports]
        for transport, era, future in runs:
            try:
                tools = future.result()
                passed += 1
                print(f"ok     {transport:5} {era:6} {tools} tools, {len(CALLS)} calls", flush=True)
            except Exception as error:
                failed += 1
                print(f"FAILED {transport:5} {era:6} {type(error).__name__}: {error}", flush=True)
    print(f"inspector: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if main() else 0)
