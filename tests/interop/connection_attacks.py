"""Attacks below HTTP: handshakes of TLS that are none or never end, and no descriptors left."""

import os
import ssl
import time

from clear_answers import at_once, expect, is_clear
from raw_client import LIST_SPACES, Reader, ask, connect, get, post, reset
from server import Process


def abused_tls(server):
    def attack(number):
        with connect(server.port) as connection:
            kind = number % 5
            sent = [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"\x16\x03\x01" + b"\xff" * 2000, get("/healthz")][kind]
            connection.sendall(sent)
            if kind == 4:
                answer = Reader(connection).answer()
                is_clear("plain HTTP", answer, 400)
                return
            reader = Reader(connection)
            while reader.more():
                pass

    began = time.monotonic()
    at_once(200, attack)
    took = time.monotonic() - began
    for _ in range(100):
        connection = connect(server.port)
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")
        reset(connection)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA:@SECLEVEL=0")
    try:
        old.wrap_socket(connect(server.port)).close()
        raise RuntimeError("an old cipher is accepted")
    except ssl.SSLError:
        pass
    is_clear("a forged host", server.ask(get("/mcp", "Content-Length: 0\r\n", "POST", "evil.example")), 403)
    is_clear("rubbish in TLS", server.ask(b"rubbish\r\n\r\n"), 400)
    return f"300 handshakes that are none, cut or never end: let go within {took:.1f} s; plain HTTP is told so"


def no_descriptors(binary):
    command = [binary, "--sandbox", "http", "--bind", "127.0.0.1:0", "--header-timeout", "60s"]
    process = Process(["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *command])
    port = int(process.address.rpartition(":")[2])
    descriptors = f"/proc/{process.child.pid}/fd"
    try:
        for wave in range(3):
            held = [connect(port) for _ in range(120)]
            until = time.monotonic() + 10
            while len(os.listdir(descriptors)) < 64:
                expect("the descriptors do not run out", time.monotonic() < until)
                time.sleep(0.05)
            for connection in held:
                connection.close()
            with connect(port) as connection:
                answer = ask(connection, post(LIST_SPACES))
            expect(f"a call after it: {answer}", answer is not None and answer.status == 200)
        until = time.monotonic() + 30
        while len(os.listdir(descriptors)) > 24:
            expect(f"{len(os.listdir(descriptors))} descriptors stay open", time.monotonic() < until)
            time.sleep(0.1)
        warned = sum("no connection can be accepted" in line for line in process.log)
        expect(f"warned {warned} times", 1 <= warned <= 100)
        expect("it panicked", not any("panic" in line for line in process.log))
    finally:
        code = process.stop()
    expect(f"the server exited with code {code}", code == 0)
    return "3 times without descriptors: no connection is accepted then, and all are after it"
