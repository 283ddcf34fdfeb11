"""The content of the image, tried without Docker: an empty root folder with the files that the Dockerfile copies.
Needs root, openssl and Debian's busybox-static, and what stage.py needs.
"""

import http.server
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import urllib.request

from stage import BINARY, ROOT, Check, all_tools, answers

DOCKERFILE = (ROOT / "packaging/image/Dockerfile").read_text()
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
HOST_NAME = "saki.test"


def json_after(instruction):
    """The JSON array that follows an instruction where it stands last in the Dockerfile."""
    return json.loads(re.findall(rf"\b{instruction} (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1])


HEALTHCHECK = json_after(r"HEALTHCHECK[\s\S]*?CMD")


def libraries(binary):
    """What a binary that is not static loads; a release check has a static one."""
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


class Saki(http.server.BaseHTTPRequestHandler):
    """Answers every request with one space."""

    def do_GET(self):
        body = b'{"data": [{"id": 1, "name": "Reached over TLS"}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Image(Check):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        os.chmod(self.root, 0o755)
        self.copy(BINARY, "/saki-mcp")
        self.copy(CERTIFICATES, CERTIFICATES)
        self.copy(shutil.which("busybox"), "/bin/wget")
        for library in libraries(BINARY):
            self.copy(library, library)

    def copy(self, source, inside):
        path = self.root / inside.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)

    def inside(self, command):
        """A command as the image's user runs it in the root folder."""
        user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[1]
        return ["/usr/sbin/chroot", f"--userspec={user}", self.root, *command]

    def test_over_stdio_it_lists_the_tools(self):
        command = self.inside([*json_after("ENTRYPOINT"), "--sandbox"])
        self.assertEqual({tool["name"] for tool in answers(command, {})[0]["tools"]}, all_tools())

    def test_the_health_check_asks_where_the_server_listens_by_default(self):
        help_text = subprocess.run([BINARY, "http", "--help"], check=True, capture_output=True, text=True).stdout
        (port,) = re.findall(r"\[default: 127\.0\.0\.1:(\d+)\]", help_text)
        self.assertIn(f"http://127.0.0.1:{port}/healthz", HEALTHCHECK)
        self.assertIn(f"EXPOSE {port}\n", DOCKERFILE)

    def test_over_http_it_is_healthy_and_lists_the_tools(self):
        command = self.inside([*json_after("ENTRYPOINT"), *json_after("CMD")])
        # The default port may be taken on the machine of the check.
        with subprocess.Popen(command, env={"SAKI_SANDBOX": "true", "SAKI_BIND": "127.0.0.1:0"}, stderr=subprocess.PIPE, text=True) as server:
            try:
                lines = (re.search(r"http://([\d.:]+)", line) for line in server.stderr)
                address = next((found[1] for found in lines if found), None)
                self.assertIsNotNone(address, "the server did not start")
                self.assertEqual(self.health(address).stdout, '{"status":"ok"}')
                self.assertEqual(self.listed_over_http(address), all_tools())
            finally:
                server.terminate()
            self.assertEqual(server.wait(timeout=15), 0)
        self.assertNotEqual(self.health(address).returncode, 0, "a server that is gone is not healthy")

    def health(self, address):
        command = [part.replace("127.0.0.1:8790", address) for part in HEALTHCHECK]
        return subprocess.run(self.inside(command), env={}, capture_output=True, text=True)

    def listed_over_http(self, address):
        request = urllib.request.Request(f"http://{address}/mcp", method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/json, text/event-stream")
        request.add_header("MCP-Protocol-Version", "2025-06-18")
        request.data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read().decode()
        message = re.search(r"^(?:data: )?(\{.*\})$", text, re.MULTILINE)[1]
        return {tool["name"] for tool in json.loads(message)["result"]["tools"]}

    def certificates(self):
        """The certificate of an authority, and a certificate and key that it has issued for HOST_NAME."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        create = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        authority = ["-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"]
        server = ["-subj", f"/CN={HOST_NAME}", "-addext", f"subjectAltName=DNS:{HOST_NAME}", "-addext", "basicConstraints=CA:FALSE"]
        issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem"]
        for arguments in (authority, server + issued):
            subprocess.run([*create, *arguments], cwd=path, check=True, stderr=subprocess.DEVNULL)
        return path / "ca.pem", (path / "server.pem", path / "server.key")

    def test_it_finds_names_and_verifies_certificates(self):
        """Docker gives a container its hosts file. The server's authority stands among the CA certificates, or does not."""
        (self.root / "etc/hosts").write_text(f"127.0.0.1 {HOST_NAME}\n")
        authority, chain = self.certificates()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Saki)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        base_url = f"https://{HOST_NAME}:{server.server_port}/api"
        call = self.inside(["/saki-mcp", "--base-url", base_url, "call", "list_spaces"])
        environment = {"SAKI_API_KEY": "key-of-a-check"}
        refused = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("certificate", refused.stdout + refused.stderr)
        with (self.root / CERTIFICATES.lstrip("/")).open("a") as file:
            file.write(authority.read_text())
        accepted = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60)
        self.assertIn("Reached over TLS", accepted.stdout, accepted.stderr)
