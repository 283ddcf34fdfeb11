"""A simulated Saki, a Redis and two replicas of the server, each of which can be killed and started again at its address."""

import atexit
import concurrent.futures
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from server import free_port

KEY = "sk-of-the-installation"
REPLICAS = ("one", "two")
CREATE = {"method": "POST", "path": "/spaces/{space_id}/posts"}
LIST = {"method": "GET", "path": "/spaces/{space_id}/posts"}
# Answers that leave nothing open.
SETTLED = ("done", "replayed")


class Program:
    """A program that listens at one port for as long as it is not killed, and writes to one log."""

    def __init__(self, folder, name, port, command, environment=None):
        self.log, self.port, self.command = pathlib.Path(folder) / f"{name}.log", port, command
        self.environment = {"PATH": os.environ["PATH"], **(environment or {})}
        self.child = None
        # Also where the start or the script itself fails.
        atexit.register(self.close)
        self.start()

    def start(self):
        self.close()
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.child.poll() is not None:
                    raise RuntimeError(f"{self.command[0]} ended: {self.log.read_text()[-2000:]}") from None
                time.sleep(0.05)
        raise RuntimeError(f"{self.command[0]} does not listen")

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        """Asks it to end, and returns its exit code."""
        self.child.terminate()
        try:
            return self.child.wait(40)
        finally:
            self.close()

    def close(self):
        if self.child and self.child.poll() is None:
            # One that was paused takes no other signal.
            self.child.send_signal(signal.SIGCONT)
            self.kill()

    def memory(self):
        """Resident memory in bytes; 0 while it does not run."""
        try:
            pages = pathlib.Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Redis(Program):
    """A Redis that has on disk what it answered for, so a kill alone loses nothing."""

    def __init__(self, folder):
        self.data, port = pathlib.Path(folder) / "redis", free_port()
        self.data.mkdir()
        kept = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.data), *kept]
        super().__init__(folder, "redis", port, command)

    def start(self):
        super().start()
        self.started = time.monotonic()
        # It listens before it has read its data.
        while "PONG" not in self.ask("PING"):
            time.sleep(0.05)

    def wipe(self):
        shutil.rmtree(self.data)
        self.data.mkdir()

    def ask(self, command):
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(4096).decode()

    def cut_connections(self):
        self.ask("CLIENT KILL TYPE normal SKIPME yes")

    def pause(self, seconds):
        self.child.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.child.send_signal(signal.SIGCONT)


class Saki(Program):
    def __init__(self, binary, folder):
        port = free_port()
        super().__init__(folder, "saki", port, [binary, "sandbox", "--bind", f"127.0.0.1:{port}", "--log", "warn"])

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {KEY}", "Accept": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            said = reply.read()
        finally:
            connection.close()
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {said[:300]}")
        return json.loads(said) if said else None

    def add_faults(self, faults):
        self.ask("POST", "/_sandbox/faults", faults)

    def waiting_faults(self):
        return len(self.ask("GET", "/_sandbox/faults"))

    def clear_faults(self):
        self.ask("DELETE", "/_sandbox/faults")

    def posts(self):
        """All posts of the first space; only where no fault is left."""
        posts, page, last = [], 1, 1
        while page <= last:
            listed = self.ask("GET", f"/api/spaces/1/posts?page={page}")
            posts += listed["data"]
            page, last = page + 1, listed["meta"]["last_page"]
        return posts


class Installation:
    """Two replicas over one Redis and one Saki, which they reach at `saki_port`."""

    def __init__(self, saki, folder, saki_port, flags=(), settings=None):
        self.folder = pathlib.Path(folder)
        self.saki, self.redis, binary = saki, Redis(folder), saki.command[0]
        environment = {
            "SAKI_API_KEY": KEY,
            "SAKI_BASE_URL": f"http://127.0.0.1:{saki_port}/api",
            "SAKI_STORE_URL": f"redis://127.0.0.1:{self.redis.port}",
            "SAKI_STORE_SECRET_FILE": self.write("secret", secrets.token_urlsafe(32)),
            **(settings or {}),
        }
        self.replicas = []
        for name in REPLICAS:
            port = free_port()
            command = [binary, "http", "--bind", f"127.0.0.1:{port}", "--confirm", "never", "--log", "warn", *flags]
            self.replicas.append(Program(folder, name, port, command, environment))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return str(path)

    def settle(self):
        """Waits until the replicas trust their store: after its start they wait for what others may have under way."""
        draft = {"space_id": 1, "account_ids": [11], "content": "The first post", "publish": "draft"}
        until = time.monotonic() + 60
        while True:
            with concurrent.futures.ThreadPoolExecutor(len(self.replicas)) as pool:
                answers = list(pool.map(lambda replica: call(replica.port, "create_post", draft, 60), self.replicas))
            if all(answer.outcome in SETTLED for answer in answers):
                return
            # A store that is slow for a moment is refused, and nothing was sent.
            if time.monotonic() > until:
                raise RuntimeError(f"the first post: {[answer.text for answer in answers]}")
            time.sleep(0.5)

    def close(self):
        for program in [*self.replicas, self.redis, self.saki]:
            program.close()


class Answer:
    """How a call ended: `outcome` for a success, `error` for the class of everything else."""

    def __init__(self, error=None, result=None, text=""):
        result = result or {}
        self.content = result.get("structuredContent") or {}
        self.text = text or "".join(part.get("text", "") for part in result.get("content", []))
        # The status of Saki's answer, where the failure is of Saki.
        self.status = result.get("_meta", {}).get("status")
        self.error, self.outcome = error, None
        if not error and result.get("isError"):
            self.error = result.get("_meta", {}).get("class") or "failed_read"
        elif not error:
            self.outcome = self.content.get("outcome", "read")


def ask(connection, tool, arguments, headers=()):
    """One call over a connection that is open or opens itself; what is wrong with it is in the answer."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    accept = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    try:
        connection.request("POST", "/mcp", json.dumps(message), {**accept, **dict(headers)})
        reply = connection.getresponse()
        body = reply.read()
    except TimeoutError:
        connection.close()
        return Answer("client_gave_up")
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return Answer("connection_lost", text=repr(error))
    if reply.status != 200:
        return Answer(f"http_{reply.status}", text=body.decode(errors="replace"))
    body = json.loads(body)
    if "result" not in body:
        return Answer("protocol_error", text=json.dumps(body))
    return Answer(result=body["result"])


def call(port, tool, arguments, timeout):
    """One call over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return ask(connection, tool, arguments)
    finally:
        connection.close()


def cut_call(port, tool, arguments, after):
    """One call whose connection is reset after some seconds, as by a broken network."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    reset = struct.pack("ii", 1, 0)

    def cut():
        if connection.sock:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            connection.sock.shutdown(socket.SHUT_RD)

    timer = threading.Timer(after, cut)
    timer.start()
    try:
        return ask(connection, tool, arguments)
    except AttributeError:
        return Answer("connection_lost")
    finally:
        timer.cancel()
        connection.close()
