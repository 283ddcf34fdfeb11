"""Foreign clients that log in at an OAuth authorization server: oauth_logins.py TOOLS BINARY

The code with PKCE, a token that expires and is refreshed, a call that needs a wider scope, and a login through nginx and
at /sse.
"""

import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time

from driven_client import Tools
from server import Nginx, Process, free_port

TOOLS, BINARY = Tools(sys.argv[1]), sys.argv[2]
CLIENTS = ["python mcp", "fastmcp", "typescript 1", "typescript 2", "mcp-remote", "inspector"]
EVERYTHING = {"saki:read", "saki:write", "saki:publish"}
DRAFT = {"space_id": 1, "account_ids": [11], "publish": "draft", "allow_repeat": True}


class World:
    """An authorization server, and two servers that trust it: one at its own address, one behind nginx."""

    def __init__(self, folder):
        self.nginx = Nginx(folder, token=None)
        self.address, self.public_url = f"http://127.0.0.1:{free_port()}", f"https://localhost:{self.nginx.port}"
        resources = [self.address + "/mcp", self.address + "/sse", self.public_url + "/mcp"]
        issuer = ["node", str(TOOLS.folder / "authorization_server.mjs"), str(free_port()), *resources]
        self.issuer = Process(issuer)
        self.servers = [
            self.server(self.address.removeprefix("http://"), "--sse"),
            self.server("127.0.0.1:0", "--public-url", self.public_url, "--trusted-proxy", "127.0.0.1"),
        ]
        self.nginx.start([self.servers[1].address.removeprefix("http://")])

    def server(self, bind, *flags):
        return Process([BINARY, "--sandbox", "http", "--bind", bind, "--oauth-issuer", self.issuer.address, *flags])

    def grants(self, person):
        """The kinds of the grants for a person, and the scopes of their tokens."""
        issued = [json.loads(line) for line in self.issuer.output if line.startswith("{")]
        return [(grant["grant"], set(grant["scope"].split())) for grant in issued if grant["person"] == person]

    def connect(self, client, person, address=None, transport="/mcp"):
        trust = str(self.nginx.folder / "tls.crt")
        environment = {"LOGIN_AS": person, "SSL_CERT_FILE": trust, "NODE_EXTRA_CA_CERTS": trust}
        # The Inspector opens no browser without a terminal unless it is told to.
        environment |= {"MCP_AUTO_OPEN_ENABLED": "true", "HOME": tempfile.mkdtemp(dir=self.nginx.folder)}
        return TOOLS.client(client, address or self.address, transport, login=True, environment=environment)

    def close(self):
        self.nginx.stop()
        for server in self.servers:
            server.stop()
        self.issuer.stop()


def expect(what, found, wanted):
    if found != wanted:
        raise RuntimeError(f"{what}: {wanted} expected, got {found}")


def log_in(world, client, person, address=None, transport="/mcp"):
    with world.connect(client, person, address, transport) as connected:
        expect("spaces", len(connected.succeed("list_spaces")["content"]["data"]), 2)
        connected.succeed("create_post", content=person, **DRAFT)
    # Each process of the Inspector logs in anew.
    logins = 2 if client == "inspector" else 1
    expect("grants", world.grants(person), [("authorization_code", EVERYTHING)] * logins)


def log_in_through_nginx(world, client, person):
    log_in(world, client, person, world.public_url)


def log_in_at_sse(world, client, person):
    log_in(world, client, person, transport="/sse")


def refresh(world, client, person):
    """The token expires between two calls. The client gets another without the person."""
    with world.connect(client, person) as connected:
        connected.succeed("list_spaces")
        time.sleep(2.5)
        connected.succeed("create_post", content=person, **DRAFT)
    kinds = [kind for kind, _ in world.grants(person)]
    expect("logins", kinds.count("authorization_code"), 1)
    expect("whether it was refreshed", "refresh_token" in kinds, True)


def step_up(world, client, person):
    """The person allowed reading. A write needs more, and the client asks for it."""
    with world.connect(client, person) as connected:
        connected.succeed("list_spaces")
        expect("first grant", world.grants(person), [("authorization_code", {"saki:read"})])
        try:
            connected.succeed("create_post", content=person, **DRAFT)
        except RuntimeError as error:
            if client != "typescript 1":
                raise
            # It refreshes its token where it should ask for more, gets the same scope, and gives up.
            expect("what it says", "403 after trying upscoping" in str(error), True)
            return "not by this client, which refreshes its token instead"
        kind, scope = world.grants(person)[-1]
        expect("last grant", (kind, scope >= {"saki:read", "saki:write"}), ("authorization_code", True))
        connected.succeed("list_spaces")
    return None


def main():
    results = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MCP_REMOTE_CONFIG_DIR"] = folder
        world = World(folder)
        checks = [
            ("anna", log_in),
            ("ben", log_in_through_nginx),
            ("cleo", log_in_at_sse),
            ("brief", refresh),
            ("careful", step_up),
        ]
        try:
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                begun = [
                    (client, check, pool.submit(check, world, client, f"{person}-{client.replace(' ', '-')}"))
                    for client in CLIENTS
                    for person, check in checks
                    # The Inspector keeps no token from one process to the next, so none grows old or wider.
                    if client != "inspector" or check is log_in
                ]
                for client, check, future in begun:
                    error, what = future.exception(), check.__name__.replace("_", " ")
                    results.append(error is None)
                    note = error or future.result()
                    said = f"{client:12} {what}" + (f": {note}" if note else "")
                    print(f"{'FAILED' if error else 'ok    '} {said}", flush=True)
            logs = "".join(line for server in world.servers for line in server.log)
            results.append("eyJ" not in logs and "list_spaces" in logs)
            print("ok     no token in a log" if results[-1] else "FAILED a token in a log, or no call", flush=True)
        finally:
            world.close()
    print(f"oauth logins: {sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


sys.exit(1 if main() else 0)
