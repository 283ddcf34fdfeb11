#!/usr/bin/env python3
"""Starts nginx with the shipped configuration in front of two servers over sandboxes, and talks MCP through it.

check_nginx.py BINARY. Needs nginx and openssl; runs nothing as a service.
"""

import http.client
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
FILES = ["saki-mcp.conf", "replicas.conf", "listener.conf"]
SHIPPED = "/etc/nginx/saki-mcp/"
TIMEOUT = 20
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/saki-mcp.conf;
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_token(binary, name="nginx"):
    """A token, and its line for the file of --auth-tokens."""
    made = subprocess.run([binary, "token", "new", name], check=True, capture_output=True, text=True)
    return re.search(r"^  (\S+)$", made.stderr, re.M)[1], made.stdout.strip()


class Replica:
    """A server over a sandbox of its own; it counts its calls by its log."""

    def __init__(self, binary, public_url, tokens):
        flags = ["--trusted-proxy", "127.0.0.1", "--public-url", public_url, "--log-format", "json"]
        flags += ["--auth-tokens", tokens]
        self.process = subprocess.Popen(
            [binary, "--sandbox", "http", "--bind", "127.0.0.1:0", *flags], stderr=subprocess.PIPE, text=True
        )
        self.address, said = None, []
        for line in self.process.stderr:
            said.append(line)
            if found := re.search(r"Streamable HTTP at http://([0-9.:]+)/mcp", line):
                self.address = found[1]
                break
        assert self.address, f"the server does not start: {said}"
        self.calls = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stderr:
            line = json.loads(line)
            if line.get("message") == "call":
                self.calls.append(line)


class Dropping(threading.Thread):
    """Reads a request and closes the connection without an answer, as a server that is killed in the middle."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.requests = 0

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                if connection.recv(65536):
                    self.requests += 1


class Nginx:
    def __init__(self, folder, token):
        self.folder, self.port, self.token = pathlib.Path(folder), free_port(), token
        # nginx drops its privileges, and still has to read this folder.
        self.folder.chmod(0o755)
        self.process = None
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt"],
            check=True, capture_output=True,
        )  # fmt: skip
        for name in FILES:
            text = (HERE / "nginx" / name).read_text().replace(SHIPPED, f"{folder}/")
            text = text.replace("listen 8443 ssl", f"listen 127.0.0.1:{self.port} ssl")
            (self.folder / name).write_text(text)
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        self.command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"]

    def start(self, addresses):
        self.stop()
        shipped = (HERE / "nginx" / "replicas.conf").read_text()
        servers = [shipped.replace("saki-mcp:8790", address) for address in addresses]
        (self.folder / "replicas.conf").write_text("\n".join(servers))
        subprocess.run([*self.command, "-t", "-q"], check=True)
        self.process = subprocess.Popen(self.command)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, "nginx ended"
                threading.Event().wait(0.05)
        raise AssertionError("nginx does not listen")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(TIMEOUT)

    def connect(self):
        trust = ssl.create_default_context(cafile=self.folder / "tls.crt")
        return http.client.HTTPSConnection("localhost", self.port, timeout=TIMEOUT, context=trust)

    def login(self):
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path):
        connection = self.connect()
        connection.request("GET", path, headers=self.login())
        return connection.getresponse()

    def mcp(self, method, params, headers=()):
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        accept = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        connection = self.connect()
        connection.request("POST", "/mcp", json.dumps(message), {**accept, **self.login(), **dict(headers)})
        answer = connection.getresponse()
        return answer, answer.read()

    def list_spaces(self, headers=()):
        answer, body = self.mcp("tools/call", {"name": "list_spaces", "arguments": {}}, headers)
        assert answer.status == 200, (answer.status, body)
        return answer, json.loads(body)["result"]["structuredContent"]["data"]


def check(nginx, binary):
    public_url = f"https://localhost:{nginx.port}"
    replicas = [Replica(binary, public_url, nginx.folder / "tokens") for _ in range(2)]
    try:
        nginx.start([replica.address for replica in replicas])

        answer, body = nginx.mcp("tools/list", {})
        tools = json.loads(body)["result"]["tools"]
        assert answer.status == 200 and len(tools) > 20, body
        yield f"{len(tools)} tools over TLS and nginx"

        for _ in range(10):
            nginx.list_spaces()
        threading.Event().wait(0.5)
        assert all(replica.calls for replica in replicas), "one of the servers got no call"
        yield "both servers are used"

        forged = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "forged"}
        answer, _ = nginx.list_spaces(forged.items())
        threading.Event().wait(0.5)
        ids = {call["request_id"]: call["client"] for replica in replicas for call in replica.calls}
        assert answer.getheader("X-Request-Id") in ids and "forged" not in ids, ids
        assert set(ids.values()) == {"127.0.0.1"}, ids
        yield "the log names requests as nginx does, and no client names itself"

        stream = nginx.get("/sse")
        assert stream.getheader("Content-Type").startswith("text/event-stream")
        # A buffer would keep this back until it is full or the stream ends.
        first = stream.fp.readline() + stream.fp.readline()
        assert b"event: endpoint" in first or b"endpoint" in first, first
        stream.close()
        yield "events are not buffered"

        replicas[0].process.kill()
        replicas[0].process.wait()
        for _ in range(6):
            nginx.list_spaces()
        yield "without one of the servers, the other answers everything"

        droppers = [Dropping(), Dropping()]
        for dropper in droppers:
            dropper.start()
        nginx.start([dropper.address for dropper in droppers])
        answer, _ = nginx.mcp("tools/call", {"name": "create_post", "arguments": {}})
        sent = sum(dropper.requests for dropper in droppers)
        assert (answer.status, sent) == (502, 1), (answer.status, sent)
        nginx.start([dropper.address for dropper in droppers])
        answer = nginx.get("/healthz")
        sent = sum(dropper.requests for dropper in droppers) - sent
        assert (answer.status, sent) == (502, 2), (answer.status, sent)
        yield "a POST that was sent is not sent again, while a GET is"
    finally:
        for replica in replicas:
            replica.process.kill()
            replica.process.wait()


def main():
    with tempfile.TemporaryDirectory() as folder:
        token, line = new_token(sys.argv[1])
        nginx, passed = Nginx(folder, token), 0
        (nginx.folder / "tokens").write_text(line + "\n")
        try:
            for done in check(nginx, sys.argv[1]):
                passed += 1
                print(f"nginx: {done}")
        except Exception:
            if (errors := nginx.folder / "error.log").exists():
                print(errors.read_text(), file=sys.stderr)
            print(f"nginx: {passed} passed; 1 failed")
            raise
        finally:
            nginx.stop()
        print(f"nginx: {passed} passed; 0 failed")


if __name__ == "__main__":
    main()
