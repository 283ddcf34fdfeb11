"""A client in a process of its own, which does what it is told in lines of JSON."""

import json
import os
import pathlib
import queue
import subprocess
import tempfile
import threading

from server import free_port

HERE = pathlib.Path(__file__).parent


class Tools:
    """Where the clients are installed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        python = str(self.folder / "python/bin/python")
        self.inspector = str(self.folder / "node_modules/.bin/mcp-inspector")
        self.programs = {
            "python mcp": [python, str(HERE / "clients/python_mcp.py")],
            "fastmcp": [python, str(HERE / "clients/python_fastmcp.py")],
            "typescript 1": ["node", str(self.folder / "typescript_sdk.mjs")],
            "typescript 2": ["node", str(self.folder / "typescript_client.mjs")],
        }

    def client(self, name, address, transport, *, headers=(), era="auto", login=False, environment=()):
        """Connects a client to an address, or to a command where the transport is stdio."""
        environment = {**os.environ, "BROWSER": str(HERE / "browser.py"), **dict(environment)}
        if transport == "stdio":
            target = {"command": address, "environment": {}, "era": era}
        else:
            target = {
                "url": address + transport,
                "transport": "/sse" if transport.endswith("/sse") else "/mcp",
                "headers": dict(headers),
                "era": era,
                "login": login,
            }
        if name == "inspector":
            return InspectorCommand([self.inspector, "--cli"], target, environment)
        if name == "mcp-remote":
            environment["MCP_REMOTE_CONFIG_DIR"] = tempfile.mkdtemp(dir=os.environ.get("MCP_REMOTE_CONFIG_DIR"))
            # It is a server on stdio that passes everything on, so another client has to speak to it.
            return Client(self.programs["typescript 1"], self.behind_mcp_remote(target, environment), environment)
        return Client(self.programs[name], target, environment)

    def behind_mcp_remote(self, target, environment):
        transport = "sse-only" if target["transport"] == "/sse" else "http-only"
        # Several at a time would take the same port for their logins.
        command = ["node", str(self.folder / "node_modules/mcp-remote/dist/proxy.js"), target["url"], str(free_port())]
        command += ["--transport", transport]
        for header in target["headers"].items():
            command += ["--header", ":".join(header)]
        passed_on = ("PATH", "BROWSER", "LOGIN_AS", "NODE_EXTRA_CA_CERTS", "MCP_REMOTE_CONFIG_DIR")
        environment = {name: environment[name] for name in passed_on if name in environment}
        return {"command": command, "environment": environment, "era": target["era"]}


class Client:
    def __init__(self, program, target, environment):
        self.child = subprocess.Popen(
            [*program, json.dumps(target)], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said, self.log = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()
        threading.Thread(target=lambda: self.log.extend(self.child.stderr), daemon=True).start()
        try:
            self.version = self.answer(60)["version"]
        except Exception:
            self.close()
            raise

    def read(self):
        for line in self.child.stdout:
            if line.startswith("{"):
                self.said.put(json.loads(line))
        self.said.put({"error": "the client ended"})

    def answer(self, seconds):
        try:
            said = self.said.get(timeout=seconds)
        except queue.Empty:
            raise RuntimeError(f"the client does not answer within {seconds} s: {self.log[-5:]}") from None
        if "error" in said:
            raise RuntimeError(said["error"])
        return said

    def ask(self, **command):
        self.child.stdin.write(json.dumps(command) + "\n")
        self.child.stdin.flush()
        return self.answer(60)

    def call(self, tool, **arguments):
        return self.ask(do="call", tool=tool, arguments=arguments)

    def succeed(self, tool, **arguments):
        result = self.call(tool, **arguments)
        if result["failed"]:
            raise RuntimeError(f"{tool} fails: {result['text']}")
        return result

    def close(self):
        try:
            self.child.stdin.close()
            self.child.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.child.kill()
            self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class InspectorCommand:
    """The command line of the Inspector: a process for each request, which prints no progress and cannot be cancelled."""

    version = "2025-11-25"

    def __init__(self, program, target, environment):
        headers = [word for header in target["headers"].items() for word in ("--header", ": ".join(header))]
        self.command = [*program, target["url"], *headers, "--protocol-era", "legacy", "--format", "json", "--quiet"]
        self.environment = environment

    def ask(self, do, tool=None, arguments=None):
        what = ["--method", "tools/list"]
        if do == "call":
            what = ["--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments)]
        ran = subprocess.run(
            [*self.command, *what], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        if not ran.stdout:
            raise RuntimeError(f"exit code {ran.returncode}: {ran.stderr[-500:]}")
        result = json.loads(ran.stdout)["result"]
        if do == "list":
            return {"tools": [tool["name"] for tool in result["tools"]]}
        return {
            "failed": result.get("isError", False),
            "content": result.get("structuredContent"),
            "text": result["content"][0]["text"],
        }

    call, succeed = Client.call, Client.succeed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
