"""Attacks on a server over HTTP: abuse.py BINARY

During each attack every answer is clear and good calls go on. After it, the server runs, nothing has panicked, and its
memory and descriptors are back at those of the start within 30 s. Access tokens that are wrong in one claim, algorithm
or key are in refused_tokens.mjs. Needs openssl, and ports of loopback alone.
"""

import json
import os
import pathlib
import resource
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

import connection_attacks
import load_attacks
import login_attacks
import request_attacks
from server import Process, free_port, new_token
from signing_issuer import Issuer
from watched_server import Watched

BINARY = sys.argv[1]


class WithSandbox(Watched):
    """A server over a simulated Saki that can be told to be slow."""

    def __init__(self, flags):
        self.sandbox = Process([BINARY, "sandbox", "--bind", "127.0.0.1:0"])
        environment = {"PATH": os.environ["PATH"], "SAKI_API_KEY": "any", "SAKI_BASE_URL": self.sandbox.address + "/api"}
        super().__init__([BINARY, "http", "--bind", "127.0.0.1:0", *flags], environment)

    def delay(self, path, milliseconds, times):
        fault = json.dumps({"kind": "delay", "ms": milliseconds, "path": path, "count": times}).encode()
        request = urllib.request.Request(self.sandbox.address + "/_sandbox/faults", fault, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def close(self):
        super().close()
        self.sandbox.stop()


def written(folder, name, text):
    path = pathlib.Path(folder, name)
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def with_tokens(folder):
    token, line = new_token(BINARY)
    flags = ["--auth-tokens", written(folder, "tokens", line + "\n"), "--trusted-proxy", "127.0.0.9"]
    return Watched([BINARY, "--sandbox", "http", "--bind", "127.0.0.1:0", *flags], None, f"Authorization: Bearer {token}\r\n")


def with_oauth(issuer, port):
    token = issuer.token(f"http://127.0.0.1:{port}/mcp")
    flags = ["--bind", f"127.0.0.1:{port}", "--oauth-issuer", issuer.url]
    return Watched([BINARY, "--sandbox", "http", *flags], None, f"Authorization: Bearer {token}\r\n")


def with_tls(folder):
    certificate, key = f"{folder}/tls.crt", f"{folder}/tls.key"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    trust = ssl.create_default_context(cafile=certificate)
    trust.check_hostname = False
    flags = ["--tls-cert", certificate, "--tls-key", key, "--header-timeout", "2s"]
    return Watched([BINARY, "--sandbox", "http", "--bind", "127.0.0.1:0", *flags], wrap=lambda plain: trust.wrap_socket(plain))


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    results, only = [], sys.argv[2:]

    def check(attack, server=None, *more):
        if only and attack.__name__ not in only:
            return
        began = time.monotonic()
        try:
            said = attack(*([server] if server else []), *more)
            after = f"\n       {server.aftermath()}" if server else ""
            results.append(True)
            print(f"ok     {said} ({time.monotonic() - began:.0f} s){after}", flush=True)
        except Exception as error:
            results.append(False)
            print(f"FAILED {attack.__name__}: {type(error).__name__}: {error}", flush=True)

    timeouts = ["--header-timeout", "2s", "--body-timeout", "3s", "--idle-timeout", "5s"]
    with tempfile.TemporaryDirectory() as folder:
        server = WithSandbox([*timeouts, "--max-connections", "512", "--max-streams", "64"])
        for attack in (
            request_attacks.forged_hosts_and_origins,
            request_attacks.shapes_of_http,
            request_attacks.methods_and_paths,
            load_attacks.connections_by_the_thousand,
            load_attacks.streams_by_the_thousand,
            load_attacks.slow_loris,
            load_attacks.clients_that_do_not_read,
            load_attacks.half_closed_and_reset,
        ):
            check(attack, server)
        server.close()
        server = Watched([BINARY, "--sandbox", "http", "--bind", "127.0.0.1:0"])
        check(load_attacks.bodies_of_100_mb, server)
        server.close()
        server = with_tokens(folder)
        check(request_attacks.forged_proxy_headers, server)
        check(login_attacks.guessed_tokens, server)
        server.close()
        issuer = Issuer(folder)
        issuer.new_key("good")
        server = with_oauth(issuer, free_port())
        check(login_attacks.forged_access_tokens, server, issuer)
        server.close()
        issuer.close()
        check(login_attacks.key_sets_that_are_bad, None, folder, BINARY)
        server = with_tls(folder)
        check(connection_attacks.abused_tls, server)
        server.close()
        check(connection_attacks.no_descriptors, None, BINARY)
    print(f"abuse: {sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


sys.exit(1 if main() else 0)
