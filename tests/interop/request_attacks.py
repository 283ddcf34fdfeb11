"""Attacks by what stands in a request: forged hosts, origins and claims of a proxy, and requests that are none or two."""

import itertools
import json

from clear_answers import counted, expect, is_clear
from raw_client import LIST_SPACES, TYPES, Reader, get, post

PATHS = ["/", "/mcp", "/mcp/", "/sse", "/message", "/healthz", "/readyz", "/key/mcp", "/metrics", "/nothing", "*"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW"]
CALL = json.dumps(LIST_SPACES).encode()
MB = 1_000_000


def forged_hosts_and_origins(server):
    hosts = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "127.0.0.1:99999"]
    hosts += ["[::1].evil.example", "0x7f.1", "2130706433", "0.0.0.0", "localhost, evil.example", "", "evil.example#localhost"]
    hosts += ["localhost\r\nHost: evil.example", "\xe9vil.example", "a" * 60_000]
    origins = ["http://evil.example", "null", "http://localhost.evil.example", "https://localhost@evil.example", "file://"]
    origins += ["http://127.0.0.1.evil.example", "chrome-extension://abc", "http://localhost\r\nOrigin: http://evil.example"]
    attacks = [(f"host {host[:40]!r}", get("/mcp", "Content-Length: 0\r\n", "POST", host)) for host in hosts]
    attacks += [(f"origin {origin!r}", post(LIST_SPACES, f"Origin: {origin}\r\n")) for origin in origins]
    for address in ("http://evil.example/mcp", "http://user@evil.example/mcp", "https://evil.example:443/sse"):
        attacks.append((address, get(address, "Content-Length: 0\r\n", "POST")))
    for what, sent in attacks:
        is_clear(what, server.ask(sent), 400, 403)
    forwarded = "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example;proto=https\r\nX-Original-URL: /metrics\r\n"
    page = server.ask(get("/", forwarded, host="localhost:1")).body.decode()
    expect("the page repeats a forged host", "http://localhost:1/mcp" in page and "evil.example" not in page)
    return f"{len(attacks)} forged hosts, origins and absolute addresses: refused"


def forged_proxy_headers(server):
    claims = "X-Forwarded-For: 203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\nForwarded: for=203.0.113.9;proto=https\r\n"
    claims += "X-Forwarded-Proto: https\r\nX-Request-Id: forged-id\r\n"
    good = server.headers
    answer = server.ask(post(LIST_SPACES, good + claims))
    expect(f"a good call with claims: {answer}", answer.status == 200 and answer.headers["x-request-id"] != "forged-id")
    proxied = server.ask(post(LIST_SPACES, good + claims), source="127.0.0.9")
    expect(f"the id of a proxy: {proxied.headers}", proxied.headers["x-request-id"] == "forged-id")
    for wrong in ("a b", "\x1b[31m", "x" * 5000, "\xe9", ""):
        sent = post(LIST_SPACES, good).replace(b"\r\n\r\n", f"\r\nX-Request-Id: {wrong}\r\n\r\n".encode("latin-1"), 1)
        given = server.ask(sent, source="127.0.0.9")
        expect(f"the id {wrong[:20]!r} of a proxy: {given}", given.status == 400 or given.headers["x-request-id"] != wrong)
    expect("the page believes a forged scheme", "https://localhost" not in server.ask(get("/", claims)).body.decode())
    lines = [line for line in server.process.log if "203.0.113.9" in line]
    expect(f"forged addresses in the log: {lines}", len(lines) == 1 and "forged-id" in lines[0])
    limits = ["X-Saki-Mode: everything", "X-Saki-Space: 1 OR 1=1", "X-Saki-Spaces: 1", "X-Saki-Toolsets: root", "X-Saki-Admin: true"]
    limits += ["X-Saki-Accounts: -1", "X-Saki-Mode: full\r\nX-Saki-Mode: nothing", "X-Saki-Space: \xff", "X-Saki-Mode:", "X-Saki-Api-Key: sk-1"]
    for limit in limits:
        sent = post(LIST_SPACES, good).replace(b"\r\n\r\n", f"\r\n{limit}\r\n\r\n".encode("latin-1"), 1)
        is_clear(limit, server.ask(sent), 400)
    return f"claims of a proxy that is none: without effect; {len(limits)} values of X-Saki-* that are not understood: 400"


def shapes_of_http(server):
    head = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\n{TYPES}".encode()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL)
    smuggled = get("/smuggled", "Connection: close\r\n")
    length = b"Content-Length: %d\r\n" % len(CALL)
    coding = b"Transfer-Encoding: chunked\r\n"
    refused = {
        "no HTTP": b"\x16\x03\x01\x00\x05hello\r\n\r\n",
        "HTTP/0.9": b"GET /\r\n\r\n",
        "HTTP/3": b"GET / HTTP/3.0\r\n\r\n",
        "two lengths": head + length + b"Content-Length: 5\r\n\r\n" + CALL,
        "a list of lengths": head + length.strip() + b", 5\r\n\r\n" + CALL,
        "a signed length": head + b"Content-Length: +5\r\n\r\n" + CALL,
        "a length beyond all": head + b"Content-Length: 99999999999999999999999\r\n\r\n" + CALL,
        "an unknown coding": head + b"Transfer-Encoding: xchunked\r\n\r\n" + chunked,
        "chunked before another": head + b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunked,
        "a space before the colon": head + b"Transfer-Encoding : chunked\r\n\r\n" + chunked,
        "a folded header": head + b"X-A: b\r\n c\r\n" + length + b"\r\n" + CALL,
        "a coding in HTTP/1.0": head.replace(b"1.1", b"1.0") + coding + b"\r\n" + chunked,
        "a chunk of no size": head + coding + b"\r\nzz\r\n",
        "a chunk beyond all": head + coding + b"\r\nffffffffffffffffffff\r\n",
        "a chunk with a long extension": head + coding + b"\r\n1;" + b"x" * 100_000 + b"\r\n{\r\n0\r\n\r\n",
        "NUL in the address": b"GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "NUL in a header": head + b"X-A: a\0b\r\n\r\n",
        "bytes in the address": b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "no host": b"POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "an address of 100 kB": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        "a header of 1 MB": head + b"X-A: " + b"a" * MB + b"\r\n\r\n",
        "5,000 headers": head + b"".join(b"X-%d: a\r\n" % number for number in range(5000)) + b"\r\n",
        "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    }
    for what, sent in refused.items():
        is_clear(what, server.ask(sent), 400, 403, 413, 414, 431)
    # A proxy that goes by the one header sees one request where a server that goes by the other sees two.
    for what, both in {
        "length and coding": length + coding,
        "coding and length": coding + length,
        "short length and coding": b"Content-Length: 4\r\n" + coding,
        "coding and short length": coding + b"Content-Length: 4\r\n",
    }.items():
        with server.connect() as connection:
            connection.sendall(head + both + b"\r\n" + chunked + smuggled)
            answers = Reader(connection).answers()
        expect(f"{what}: {answers}", len(answers) == 1 and answers[0].status in (200, 400))
    with server.connect() as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        expect("HTTP/2 is answered", Reader(connection).answers() == [])
    with server.connect() as connection:
        connection.sendall(post(LIST_SPACES) * 100 + get("/nothing") + b"rubbish\r\n\r\n")
        answers = Reader(connection).answers()
    statuses = [answer.status for answer in answers]
    expect(f"pipelined: {counted(answers)}", statuses == [200] * 100 + [404, 400])
    is_clear("rubbish after 101 requests", answers[-1])
    return f"{len(refused)} requests that are none, 4 that are two, HTTP/2, 102 at once: each has its one answer"


def methods_and_paths(server):
    served = {("GET", "/"), ("GET", "/sse"), ("GET", "/healthz"), ("GET", "/readyz")}
    seen = []
    for method, path in itertools.product(METHODS, PATHS):
        answer = server.ask(get(path, "Content-Length: 0\r\n", method), method=method)
        seen.append(answer)
        if method == "HEAD":
            expect(f"HEAD {path}: {answer}", answer.status in (200, 404, 405))
        elif (method, path) in served:
            expect(f"{method} {path}: {answer}", answer.status == 200)
        else:
            is_clear(f"{method} {path}", answer, 400, 404, 405, 415)
    tricks = ["//mcp", "/mcp/..", "/mcp/../sse", "/./mcp", "/%6dcp", "/mcp%00", "/mcp%2f", "/%2e%2e/mcp", "/mcp;a=b", "/MCP", "/mcp//"]
    tricks += ["/..%2f..%2fetc/passwd", "/mcp\\..\\x", "/%", "/%ff%fe", "/mcp.json", "/.env", "/.git/config", "/" + "a/" * 20_000]
    tricks += ["/.well-known/oauth-protected-resource/mcp", "/.well-known/../mcp", "/message?sessionId=a&sessionId=b", "/message?sessionId[]=a"]
    tricks += ["/message?sessionId=%00", "/mcp?access_token=abc", "/mcp?%61ccess_token=abc", "/message", "/message?sessionId=" + "a" * 50_000]
    for trick in tricks:
        is_clear(f"POST {trick[:60]}", server.ask(post(LIST_SPACES, path=trick)), 400, 404)
    return f"{len(METHODS)} methods on {len(PATHS)} paths ({counted(seen)}), and {len(tricks)} tricks with paths: each answer is clear"
