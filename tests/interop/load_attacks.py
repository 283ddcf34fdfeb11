"""Attacks by more than there is room for, slower than anybody is, or broken off in the middle."""

import itertools
import json
import random
import socket
import time

from clear_answers import at_once, counted, expect, is_clear
from raw_client import LIST_SPACES, TYPES, Reader, ask, connect, get, post, reset

CALL = json.dumps(LIST_SPACES).encode()
MB = 1_000_000


def bodies_of_100_mb(server):
    head = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\n{TYPES}"
    piece = b" " * MB

    def chunked(_):
        with server.connect() as connection:
            try:
                connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
                for _ in range(100):
                    connection.sendall(b"%x\r\n%s\r\n" % (MB, piece))
            except ConnectionError:
                pass
            return Reader(connection).answer()

    def whole(_):
        with server.connect() as connection:
            try:
                connection.sendall(f"{head}Content-Length: {100 * MB}\r\n\r\n".encode())
                for _ in range(100):
                    connection.sendall(piece)
            except ConnectionError:
                pass
            return Reader(connection).answer()

    large = at_once(4, whole) + at_once(4, chunked)
    for answer in large:
        is_clear("100 MB", answer, 413, 503)
    waits = f"{head}Expect: 100-continue\r\nContent-Length: {100 * MB}\r\n\r\n".encode()
    is_clear("100 MB that are announced", server.ask(waits), 413)

    # Together more than the 64 MiB that all bodies share.
    text = json.dumps({**LIST_SPACES, "params": {"name": "list_spaces", "arguments": {"search": "x" * 15 * MB}}}).encode()
    many = at_once(12, lambda _: server.ask(post(text)))
    for answer in many:
        is_clear("15 MB", answer, 200, 400, 503)
    expect(f"no body found the memory taken: {counted(many)}", any(answer.status == 503 for answer in many))

    # What takes a hundred times its own size when it is parsed.
    arguments = {
        "numbers": "[" + "0," * (7 * MB) + "0]",
        "objects": "[" + '{"":0},' * (2 * MB) + "0]",
        "names": "{" + ",".join(f'"{number}":0' for number in range(MB)) + "}",
        "lists": "[" * (15 * MB),
    }
    call = json.dumps({**LIST_SPACES, "params": {"name": "list_spaces", "arguments": "HERE"}})
    for what, values in arguments.items():
        sent = post(call.replace('"HERE"', values).encode())
        for answer in at_once(3, lambda _: server.ask(sent)):
            is_clear(f"many {what}", answer, 413, 503)
    is_clear("a large batch", server.ask(post(b"[" + b",".join([CALL] * 50_000) + b"]")), 413)
    deep = call.replace('"HERE"', "[" * 2000 + "]" * 2000).encode()
    is_clear("a deep list", server.ask(post(deep)), 400)
    nearly = call.replace('"HERE"', '{"x":[' + "0," * 40_000 + "0]}").encode()
    fitting = at_once(16, lambda _: server.ask(post(nearly)))
    for answer in fitting:
        is_clear("40,000 numbers", answer, 200, 400, 503)
    return f"bodies of 100 MB ({counted(large)}), 12 of 15 MB at once ({counted(many)}), of too many values (413)"


def connections_by_the_thousand(server):
    """Waves of more connections than may be open. Half of them end by a reset."""
    wave, waves, refused, closed = 700, 15, 0, 0
    for number in range(waves):
        held = [connect(server.port) for _ in range(wave)]
        for connection in held[-60:]:
            try:
                answer = ask(connection, get("/healthz"), "GET")
            except ConnectionError:
                answer = None
            closed += answer is None
            if answer:
                is_clear("one connection too many", answer, 200, 503)
                refused += answer.status == 503
        refused += is_refused(server)
        for connection in held:
            (reset if number % 2 else socket.socket.close)(connection)
        until = time.monotonic() + 20
        while True:
            answer = server.ask(get("/healthz"), method="GET")
            if answer and answer.status == 200:
                break
            expect("no place comes back", time.monotonic() < until)
            time.sleep(0.05)
    expect(f"refused: {refused}", refused > 0)
    return f"{wave * waves} connections, {wave} at a time of which 512 may be: {refused} are told so, {closed} closed"


def is_refused(server):
    """Whether one more connection is told that there are too many. Only so many are told at a time; the others are closed."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with connect(server.port) as connection:
            try:
                answer = ask(connection, get("/healthz"), "GET")
            except ConnectionError:
                answer = None
        if answer:
            return answer.status == 503
        time.sleep(0.05)
    return False


def streams_by_the_thousand(server):
    """Waves of more streams than may be open."""
    wave, waves, opened, refused = 100, 110, 0, 0
    for number in range(waves):
        held = [connect(server.port) for _ in range(wave)]
        for connection in held:
            connection.sendall(get("/sse"))
        answers = [Reader(connection).answer() for connection in held]
        for answer in answers:
            is_clear("a stream", answer, 200, 503)
        opened += sum(answer.status == 200 for answer in answers)
        refused += sum(answer.status == 503 for answer in answers)
        for connection in held:
            (reset if number % 2 else socket.socket.close)(connection)
    expect(f"streams: {opened} opened, {refused} refused", opened > 1000 and refused > 1000)
    return f"{wave * waves} streams, {wave} at a time of which 64 may be: {opened} opened, {refused} refused"


def slow_loris(server):
    def slow(number):
        """A head, a body or a handshake of a session, byte by byte."""
        kind = number % 3
        with server.connect() as connection:
            sent = [get("/healthz", "X-A: " + "a" * 500 + "\r\n"), post(LIST_SPACES, length=5000), b"POST"][kind]
            at_once = sent.index(b"\r\n\r\n") + 4 if kind == 1 else 0
            began = time.monotonic()
            try:
                connection.sendall(sent[:at_once])
                connection.settimeout(0.2)
                reader = Reader(connection)
                for at in itertools.count(at_once):
                    connection.sendall(sent[at : at + 1])
                    try:
                        answer = reader.answer()
                        return kind, answer, time.monotonic() - began
                    except TimeoutError:
                        expect("it is served for ever", time.monotonic() - began < 20)
            except ConnectionError:
                return kind, None, time.monotonic() - began

    ended = at_once(90, slow)
    for kind, answer, _ in ended:
        if answer is not None:
            is_clear(f"slow {kind}", answer, 408)
    told = sum(answer is not None for kind, answer, _ in ended if kind == 1)
    expect(f"{told} of 30 slow bodies are answered", told == 30)
    return f"90 heads and bodies byte by byte: ended within {max(took for *_, took in ended):.1f} s, bodies with 408"


def clients_that_do_not_read(server):
    """Each asks for much, takes nothing, and waits until the server lets go of it."""
    lists = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}) * 50

    def deaf(number):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", server.port))
        began = time.monotonic()
        try:
            while time.monotonic() - began < 20:
                connection.sendall(lists)
        except ConnectionError:
            return time.monotonic() - began
        except TimeoutError:
            pass
        finally:
            connection.close()
        raise RuntimeError("a client that takes no answers is served for ever")

    def deaf_session(number):
        """The same with a session, which is asked from another connection."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(get("/sse"))
        reader = Reader(connection)
        reader.answer()
        while b"sessionId=" not in reader.bytes:
            reader.more()
        address = reader.bytes.split(b"data: ")[1].split()[0].decode()
        listed = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        hello = {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "deaf", "version": "1"}}
        server.ask(post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}, path=address))
        began = time.monotonic()
        with connection, server.connect() as sender:
            while time.monotonic() - began < 20:
                answer = ask(sender, post(listed, path=address))
                is_clear("a message to a session that is not read", answer, 202, 404, 410, 429, 503)
                if answer.status in (404, 410):
                    return time.monotonic() - began
        raise RuntimeError("a session that is not read is kept for ever")

    took = at_once(16, deaf) + at_once(8, deaf_session)
    return f"16 clients and 8 sessions that read no answer: ended within {max(took):.1f} s"


def half_closed_and_reset(server):
    slow = {**LIST_SPACES, "params": {"name": "list_slots", "arguments": {"space_id": 1}}}
    server.delay("slots", 2000, 60)
    answered = 0

    def half(number):
        with server.connect() as connection:
            sent = [post(LIST_SPACES), post(slow), post(CALL[:40], length=4000), get("/sse"), b"POST /mc"][number % 5]
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            reader = Reader(connection)
            answer = reader.answer()
            if answer:
                is_clear(f"half-closed {number % 5}", answer, 200, 400)
            while reader.more():
                pass
            return answer is not None

    def broken(number):
        connection = server.connect()
        sent = [post(slow), post(CALL[:40], length=4000), get("/sse"), post(LIST_SPACES) * 20][number % 4]
        connection.sendall(sent)
        time.sleep(random.random() / 4)
        reset(connection)

    answered = sum(at_once(50, half))
    for _ in range(8):
        at_once(50, broken)
    until = time.monotonic() + 10
    while not any('outcome="cancelled"' in line for line in server.process.log):
        expect("no call whose client is gone is cancelled", time.monotonic() < until)
        time.sleep(0.1)
    # As many as may be answered at a time: none of their places is lost.
    all_calls = at_once(32, lambda _: server.ask(post(LIST_SPACES)))
    expect(f"afterwards: {counted(all_calls)}", all(answer.status == 200 for answer in all_calls))
    return f"50 half-closed connections ({answered} answered first), 400 resets in the middle: calls of clients that are gone are cancelled"
