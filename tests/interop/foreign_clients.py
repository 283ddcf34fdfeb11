"""Foreign clients against a saki-mcp binary: foreign_clients.py TOOLS BINARY

Over stdio, /mcp and /sse, through nginx, with tokens of the server and with Saki keys in headers: calls, progress,
cancellation, sessions, and a server that is restarted in the middle of a call. OAuth is in oauth_logins.py.
"""

import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time
import urllib.request

from driven_client import Tools
from server import Nginx, Process, free_port, new_token

TOOLS, BINARY = Tools(sys.argv[1]), sys.argv[2]
# The TypeScript SDK 1 knows no later revision than 2025-11-25, and mcp-remote and the Inspector ask for none by themselves.
ERAS = {
    "python mcp": ["legacy", "auto"],
    "fastmcp": ["legacy", "auto"],
    "typescript 1": ["legacy"],
    "typescript 2": ["legacy", "auto"],
    "mcp-remote": ["legacy"],
    "inspector": ["legacy"],
}
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGO4I6IGRwzEcQCecwzB3AbsJAAAAABJRU5ErkJggg=="
SLOW = 2


class Setup:
    """A sandbox, and a server over it that can be started again at the same address."""

    def __init__(self, flags=(), headers=None):
        self.sandbox = Process([BINARY, "sandbox", "--bind", "127.0.0.1:0"])
        self.flags, self.headers, self.port = list(flags), headers or {}, free_port()
        self.start()

    def environment(self):
        return {"PATH": os.environ["PATH"], "SAKI_API_KEY": "any", "SAKI_BASE_URL": self.sandbox.address + "/api"}

    def start(self):
        bind = ["--bind", f"127.0.0.1:{self.port}", "--log-format", "json"]
        self.server = Process([BINARY, "http", *bind, *self.flags], self.environment())

    def delay_once(self, path, seconds):
        """The next request to Saki whose path has this in it is answered late."""
        fault = {"kind": "delay", "ms": int(seconds * 1000), "path": path, "after_write": True}
        request = urllib.request.Request(
            self.sandbox.address + "/_sandbox/faults", json.dumps(fault).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).close()

    def outcomes(self, tool):
        calls = (json.loads(line) for line in self.server.log if line.startswith("{"))
        return [call["outcome"] for call in calls if call.get("message") == "call" and call["tool"] == tool]

    def close(self):
        self.server.stop()
        self.sandbox.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def expect(what, is_so):
    if not is_so:
        raise RuntimeError(what)


def converse(client, setup):
    """A list, a call that succeeds, one that fails, and one with progress."""
    tools = client.ask(do="list")["tools"]
    expect(f"tools: {tools}", len(tools) > 20 and "list_spaces" in tools)
    spaces = client.succeed("list_spaces")["content"]["data"]
    expect(f"spaces: {spaces}", len(spaces) == 2)
    missing = client.call("get_space", space_id=99)
    expect(f"an error expected: {missing}", missing["failed"] and "99" in missing["text"])
    # All is sent at once, so progress is seen only where Saki takes its time to answer.
    setup.delay_once("media", 0.4)
    uploaded = client.succeed("upload_media", data=DOT, filename="dot.png")
    if "progress" not in uploaded:
        return ["calls"]
    expect(f"progress: {uploaded}", uploaded["progress"])
    return ["calls", "progress"]


def cancel(client, setup, is_noticed):
    """A slow call that is cancelled gives the client back at once. Where the server is told, it drops the call."""
    setup.delay_once("slots", SLOW)
    began = time.monotonic()
    cancelled = client.ask(do="call", tool="list_slots", arguments={"space_id": 1}, cancel_after=0.5)
    expect(f"not cancelled: {cancelled}", cancelled == {"cancelled": True})
    client.succeed("list_spaces")
    expect("the client was not free at once", time.monotonic() - began < SLOW)
    if not is_noticed:
        return ["cancellation (of the client alone)"]
    for _ in range(100):
        if setup.outcomes("list_slots"):
            break
        time.sleep(0.02)
    expect(f"outcomes: {setup.outcomes('list_slots')}", setup.outcomes("list_slots") == ["cancelled"])
    return ["cancellation"]


def restart(client, setup, connect):
    """The server is ended during a call and started again: the call is answered, and the next one too."""
    setup.delay_once("slots", SLOW)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.succeed, "list_slots", space_id=1)
        time.sleep(0.5)
        code = setup.server.stop()
        expect(f"the server exited with code {code}", code == 0)
        setup.start()
        expect("no slots", slow.result()["content"]["data"])
    if connect is None:
        client.succeed("list_spaces")
        return ["restart"]
    # A session of /sse ends with its stream, which is why this transport was given up. None of the clients opens a new
    # one by itself: they say so, and their host connects again.
    try:
        client.succeed("list_spaces")
        raise AssertionError("the session outlived its server")
    except RuntimeError:
        pass
    with connect() as again:
        again.succeed("list_spaces")
    return ["restart (connecting again)"]


def over_stdio(name, era):
    command = [BINARY, "stdio"]
    with Setup() as setup:
        # A client hands no variables on but those it is told, so those of the server go through env.
        variables = [f"{name}={value}" for name, value in setup.environment().items()]
        with TOOLS.client(name, ["/usr/bin/env", *variables, *command], "stdio", era=era) as client:
            return client.version, converse(client, setup) + cancel(client, setup, False)


def over_loopback(name, era, transport):
    with Setup() as setup:
        def connect():
            return TOOLS.client(name, setup.server.address, transport, era=era)

        with connect() as client:
            done = converse(client, setup)
            if name == "inspector":
                return client.version, done
            # Before 2026-07-28, a client tells of a cancellation with a message of its own. Over /mcp without sessions
            # that message finds no call; from then on, the client closes the stream of the call.
            done += cancel(client, setup, is_noticed=transport == "/sse" or client.version == "2026-07-28")
            return client.version, done + restart(client, setup, connect if transport == "/sse" else None)


def in_a_session(name):
    with Setup(["--sessions"]) as setup, TOOLS.client(name, setup.server.address, "/mcp", era="legacy") as client:
        done = converse(client, setup)
        # The Inspector is another client for each call.
        return client.version, done if name == "inspector" else done + cancel(client, setup, is_noticed=True)


def with_credentials(name, transport, flags, headers):
    with Setup(flags) as setup:
        with TOOLS.client(name, setup.server.address, transport, headers=headers, era=ERAS[name][-1]) as client:
            done = converse(client, setup)
        logged = len(setup.server.log)
        try:
            with TOOLS.client(name, setup.server.address, transport, era=ERAS[name][-1]) as client:
                client.ask(do="list")
        except RuntimeError as error:
            if not any("was refused" in line for line in setup.server.log[logged:]):
                raise RuntimeError("refused by something else than the server") from error
            return client.version, [*done, "refused without"]
        raise RuntimeError("let in without credentials")


def through_nginx(name, transport, nginx, token):
    """Two servers for /mcp; /sse has its sessions on one, because nginx as shipped sends a client to any server."""
    public_url = f"https://localhost:{nginx.port}"
    flags = ["--trusted-proxy", "127.0.0.1", "--public-url", public_url, "--auth-tokens", str(nginx.folder / "tokens")]
    trust = str(nginx.folder / "tls.crt")
    trust = {"SSL_CERT_FILE": trust, "NODE_EXTRA_CA_CERTS": trust}
    headers = {"Authorization": f"Bearer {token}"}
    with Setup(flags) as setup, Setup(flags) as other:
        servers = [setup, other] if transport == "/mcp" else [setup]
        nginx.start([server.server.address.removeprefix("http://") for server in servers])
        how = {"headers": headers, "era": ERAS[name][-1], "environment": trust}
        with TOOLS.client(name, public_url, transport, **how) as client:
            if transport == "/sse":
                return client.version, converse(client, setup)
            for server in servers:
                # Either may get the upload.
                server.delay_once("media", 0.4)
            done = converse(client, setup)
            setup.server.stop()
            for _ in range(4):
                client.succeed("list_spaces")
            return client.version, [*done, "one of two servers away"]


def combinations(folder):
    token, line = new_token(BINARY)
    tokens = pathlib.Path(folder, "tokens")
    tokens.write_text(line + "\n")
    tokens.chmod(0o600)
    own_token = {"Authorization": f"Bearer {token}"}
    flags = ["--auth-tokens", str(tokens)]
    for name, eras in ERAS.items():
        for era in eras:
            # mcp-remote has no servers on stdio, and inspector.py does that for the Inspector.
            if name not in ("mcp-remote", "inspector"):
                yield name, "stdio", era, over_stdio, (name, era)
            for transport in ("/mcp", "/sse"):
                yield name, transport, era, over_loopback, (name, era, transport)
        yield name, "/mcp", "session", in_a_session, (name,)
        for transport in ("/mcp", "/sse"):
            yield name, transport, "own token", with_credentials, (name, transport, flags, own_token)
            key = {"X-Saki-Api-Key": "sk-of-the-caller"}
            yield name, transport, "header key", with_credentials, (name, transport, ["--key-from-header"], key)
        # Nobody is at the issuer's address: an own token needs no OAuth.
        beside_oauth = [*flags, "--oauth-issuer", f"http://127.0.0.1:{free_port()}"]
        yield name, "/key/mcp", "own token beside OAuth", with_credentials, (name, "/key/mcp", beside_oauth, own_token)


def every_client_through_nginx():
    with tempfile.TemporaryDirectory() as folder:
        token, line = new_token(BINARY)
        nginx = Nginx(folder, token)
        (nginx.folder / "tokens").write_text(line + "\n")
        try:
            for name in ERAS:
                for transport in ("/mcp", "/sse"):
                    result = run(through_nginx, (name, transport, nginx, token))
                    yield name, "nginx " + transport, "own token", result
        finally:
            nginx.stop()


def run(check, arguments):
    try:
        return None, *check(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}", None, None


def main():
    results = []

    def report(name, where, how, error, version, done):
        results.append(error is None)
        said = f"{version:10} {', '.join(done)}" if error is None else error
        print(f"{'ok    ' if error is None else 'FAILED'} {name:12} {where:10} {how:22} {said}", flush=True)

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(3) as pool:
        # mcp-remote and the Inspector keep tokens and settings there.
        os.environ |= {"MCP_REMOTE_CONFIG_DIR": folder, "MCP_CATALOG_PATH": folder + "/catalog.json"}
        nginx = pool.submit(lambda: list(every_client_through_nginx()))
        begun = [(*what, pool.submit(run, check, arguments)) for *what, check, arguments in combinations(folder)]
        for name, where, how, future in begun:
            report(name, where, how, *future.result())
        for name, where, how, result in nginx.result():
            report(name, where, how, *result)
    print(f"foreign clients: {sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


sys.exit(1 if main() else 0)
