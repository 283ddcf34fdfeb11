"""An authorization server that signs access tokens, and publishes its keys well or badly."""

import base64
import http.server
import json
import pathlib
import subprocess
import threading
import time

HUGE, SLOW = 50_000_000, 20


def encoded(part):
    part = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


class Key:
    """An RSA key that openssl makes and uses."""

    def __init__(self, folder, kid):
        self.kid, self.path = kid, str(pathlib.Path(folder, f"{kid}.pem"))
        subprocess.run(["openssl", "genrsa", "-out", self.path, "2048"], check=True, capture_output=True)
        shown = subprocess.run(["openssl", "rsa", "-in", self.path, "-noout", "-modulus"], check=True, capture_output=True)
        modulus = bytes.fromhex(shown.stdout.decode().strip().removeprefix("Modulus="))
        self.public = {"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": encoded(modulus), "e": "AQAB"}

    def token(self, claims, header):
        message = f"{encoded({'alg': 'RS256', 'kid': self.kid, **header})}.{encoded(claims)}"
        command = ["openssl", "dgst", "-sha256", "-sign", self.path]
        return f"{message}.{encoded(subprocess.run(command, input=message.encode(), check=True, capture_output=True).stdout)}"


class Issuer:
    """Serves its metadata, and its keys as `manner` says: good, slow, huge, away or no_json."""

    def __init__(self, folder, manner="good"):
        self.manner, self.asked, self.ended = manner, [], threading.Event()
        self.folder, self.keys = folder, []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                issuer.serve(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler):
        metadata = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if handler.path != "/keys":
            return self.send(handler, json.dumps(metadata).encode())
        keys = json.dumps({"keys": [key.public for key in self.keys]}).encode()
        if self.manner == "slow":
            self.ended.wait(SLOW)
        if self.manner == "away":
            return handler.connection.close()
        if self.manner == "huge":
            keys = keys[:-1] + b', "x": "' + b"x" * HUGE + b'"}'
        if self.manner == "no_json":
            keys = b"<!doctype html><title>Not now</title>"
        return self.send(handler, keys)

    def send(self, handler, body):
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            # Who asked has seen enough.
            pass

    def new_key(self, kid):
        self.keys = [Key(self.folder, kid)]
        return self.keys[0]

    def token(self, audience, claims=(), header=(), key=None):
        right = {"iss": self.url, "aud": audience, "sub": "anna", "scope": "saki:read", "exp": int(time.time()) + 3600}
        return (key or self.keys[0]).token({**right, **dict(claims)}, dict(header))

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
