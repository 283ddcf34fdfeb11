"""Sends bytes that no HTTP client would send, and reads the answers."""

import json
import socket
import struct

LIST_SPACES = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_spaces", "arguments": {}}}
TYPES = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
# What only a page for people, a stack or a message of the compiler's has in it.
UNCLEAR = ("<html", "<!doctype", "panicked", "stack backtrace", ".rs:", "Traceback")


class Answer:
    """An answer of the server: a status, headers by their lower-case names, and a body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"

    def json(self):
        return json.loads(self.body)

    def why_unclear(self):
        """What is wrong with it as an answer to a program that has to go on; nothing if it is good."""
        text = self.body.decode("utf-8", "replace")
        if self.status < 400:
            return None
        if not self.headers.get("content-type", "").startswith("application/json"):
            return f"no JSON: {self}"
        error = self.json().get("error")
        said = error.get("message") if isinstance(error, dict) else error and self.json().get("error_description")
        if not said or len(said) < 10:
            return f"no error that says what is wrong: {self}"
        if any(word in text for word in UNCLEAR):
            return f"more than a client needs to know: {self}"
        if self.status in (429, 503) and "retry-after" not in self.headers:
            return f"nothing says when to come again: {self}"
        return None


def connect(port, source="127.0.0.1", timeout=30):
    return socket.create_connection(("127.0.0.1", port), timeout, (source, 0))


def reset(connection):
    """Closes a connection with RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def post(message, headers="", path="/mcp", length=None):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    length = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{TYPES}{headers}Content-Length: {length}\r\n\r\n".encode() + body


def get(path, headers="", method="GET", host="localhost"):
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode("latin-1")


class Reader:
    """Reads answers from a connection."""

    def __init__(self, connection):
        self.connection, self.bytes, self.is_closed = connection, b"", False

    def more(self):
        try:
            piece = self.connection.recv(1 << 16)
        except ConnectionError:
            piece = b""
        self.bytes += piece
        self.is_closed = not piece
        return not self.is_closed

    def answer(self, method="POST"):
        """The next answer, or nothing when the connection is closed before there is one."""
        while b"\r\n\r\n" not in self.bytes:
            if not self.more():
                return None
        head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ")[1])
        if method == "HEAD" or status in (100, 202, 204) or headers.get("content-type") == "text/event-stream":
            return Answer(status, headers, b"")
        length = int(headers["content-length"])
        while len(self.bytes) < length:
            if not self.more():
                raise RuntimeError(f"closed in the middle of an answer: {head}")
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return Answer(status, headers, body)

    def answers(self):
        """All answers until the connection is closed."""
        all_answers = []
        while answer := self.answer():
            all_answers.append(answer)
        return all_answers


def ask(connection, sent, method="POST"):
    """Sends a request, and reads the answer to it; nothing if the connection is closed without one."""
    try:
        connection.sendall(sent)
    except ConnectionError:
        # The answer may have come before the end of what is sent.
        pass
    return Reader(connection).answer(method)
