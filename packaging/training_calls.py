#!/usr/bin/env python3
"""Calls that a build learns from: training_calls.py BINARY runs a binary made with -C profile-generate through them.

What they use becomes fast, and what they leave out small: the calls that assistants make most, over both transports, with a
Saki that answers from memory and with the sandbox.
"""

import concurrent.futures
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "benches"))

from instructions import CALLS, INITIALIZE, SPACE, Saki, tool_of  # noqa: E402

DRAFT = {"space_id": SPACE["id"], "content": "Plum cake on Saturday", "account_ids": [11], "publish": "draft"}
IN_SANDBOX = [
    ("create_post", {**DRAFT, "allow_repeat": True}, False),
    ("list_posts", {"space_id": 1}, False),
    ("list_slots", {"space_id": 1}, False),
    ("get_queue", {"space_id": 1}, False),
    ("get_overview", {}, False),
]
STARTS, ROUNDS, SANDBOX_ROUNDS, CONNECTIONS, CALLS_EACH = 10, 150, 60, 8, 400


def calls():
    """Names and arguments, and whether the server is to refuse them."""
    for name, (arguments, _) in CALLS.items():
        tool, is_refused = tool_of(name)
        yield tool, arguments, is_refused


def request(number, method, params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def check(answer, is_refused):
    if answer.get("result", {}).get("isError", "missing") != is_refused:
        raise RuntimeError(f"not the answer that the build is to learn from: {answer}")


def over_stdio(command, wanted, rounds, variables):
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables, text=True) as server:

        def send(message):
            server.stdin.write(message + "\n")
            server.stdin.flush()

        def ask(*message):
            send(request(1, *message))
            while "id" not in (answer := json.loads(server.stdout.readline())):
                pass
            return answer

        ask("initialize", INITIALIZE)
        send('{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        ask("tools/list", {})
        for _ in range(rounds):
            for name, arguments, is_refused in wanted:
                check(ask("tools/call", {"name": name, "arguments": arguments}), is_refused)
        server.stdin.close()
    check_end(server)


def over_http(binary, variables):
    command = [binary, "http", "--bind", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**variables, "SAKI_LOG": "info"}, text=True) as server:
        line = next(line for line in server.stderr if "Streamable HTTP at" in line)
        address = line.partition("Streamable HTTP at http://")[2].partition("/")[0]
        threading.Thread(target=server.stderr.read, daemon=True).start()

        def client(_):
            connection = http.client.HTTPConnection(address)
            wanted = list(calls())
            headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
            for number in range(CALLS_EACH):
                name, arguments, is_refused = wanted[number % len(wanted)]
                call = request(number, "tools/call", {"name": name, "arguments": arguments})
                connection.request("POST", "/mcp", call, headers)
                check(json.load(connection.getresponse()), is_refused)

        try:
            with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
                list(pool.map(client, range(CONNECTIONS)))
        finally:
            # The profile is written at an orderly end.
            server.terminate()
    check_end(server)


def check_end(server):
    if server.returncode != 0:
        raise RuntimeError(f"the server ended with {server.returncode}, perhaps without its profile")


def main():
    binary = sys.argv[1]
    saki = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Saki)
    threading.Thread(target=saki.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{saki.server_port}"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("SAKI_")}
    variables |= {"SAKI_API_KEY": "sk_live_abcdefgh12345678", "SAKI_BASE_URL": url, "SAKI_LOG": "error"}
    for _ in range(STARTS):
        over_stdio([binary], [("get_subscription", {}, False)], 1, variables)
    over_stdio([binary], list(calls()), ROUNDS, variables)
    over_stdio([binary, "--sandbox"], IN_SANDBOX, SANDBOX_ROUNDS, variables)
    over_http(binary, variables)


main()
