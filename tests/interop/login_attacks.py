"""Attacks by those who are not who they say: guessed tokens, forged access tokens, and keys of an issuer that are bad."""

import concurrent.futures
import itertools
import json
import random
import tempfile
import time

from clear_answers import at_once, counted, expect, is_clear
from raw_client import LIST_SPACES, ask, connect, get, post
from server import Process
from signing_issuer import Issuer, encoded

CALL = json.dumps(LIST_SPACES).encode()
MB = 1_000_000


def guessed_tokens(server):
    def guess(number, source="127.0.0.1", headers=""):
        token = f"saki_mcp_{random.randbytes(32).hex()}"
        return server.ask(post(LIST_SPACES, f"Authorization: Bearer {token}\r\n{headers}"), source)

    first = [guess(number) for number in range(10)]
    answers = at_once(120, lambda number: guess(number, headers=f"X-Forwarded-For: 198.51.100.{number}\r\n"))
    for answer in first + answers:
        is_clear("a guess", answer, 401, 429)
        expect(f"no challenge: {answer.headers}", answer.status == 429 or answer.headers["www-authenticate"].startswith("Bearer"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slowed = pool.submit(guess, 0)
        time.sleep(0.2)
        server.call(source="127.0.0.2")
        server.call()
        is_clear("a guess from elsewhere", guess(0, "127.0.0.3"), 401)
        expect("the guesses of an address are not slowed", not slowed.done())
    odd = ["Bearer", "Bearer ", "Basic YTpi", "bearer " + "a" * 50_000, "Bearer a b", "Bearer \xe9", f"Bearer {'.' * 5000}", "Digest x"]
    for header in odd:
        sent = post(LIST_SPACES).replace(b"\r\n\r\n", f"\r\nAuthorization: {header}\r\n\r\n".encode("latin-1"), 1)
        is_clear(header[:40], server.ask(sent, "127.0.0.4"), 400, 401)
    twice = server.headers + "Authorization: Bearer other\r\n"
    is_clear("two tokens", server.ask(post(LIST_SPACES, twice)), 400)
    # The body of somebody who has not logged in is not even read.
    is_clear("a body before the login", server.ask(post(CALL, length=15 * MB), "127.0.0.5"), 401)
    return f"130 guesses ({counted(first + answers)}) slow their address, not a good token there or a guess from elsewhere"


def forged_access_tokens(server, issuer):
    right = issuer.token(f"{server.process.address}/mcp")
    other = issuer.keys[0].public
    with tempfile.TemporaryDirectory() as folder:
        stranger = Issuer(folder)
        own = stranger.new_key("stranger")
        url = f"{stranger.url}/keys"
        audience = f"{server.process.address}/mcp"
        sign = lambda header, claims=(), key=own: issuer.token(audience, claims, {"kid": other["kid"], **header}, key)  # noqa: E731
        payload = right.split(".")[1]
        nested = encoded(b'{"iss":' + b"[" * 9000 + b"]" * 9000 + b"}")
        wrong = {
            "an embedded key": sign({"jwk": own.public}),
            "an embedded key under its own id": sign({"jwk": own.public, "kid": "stranger"}),
            "the address of another key set": sign({"jku": url, "x5u": url}),
            "a certificate": sign({"x5c": ["MIIB"]}),
            "an id that is a path": sign({"kid": "../../../../dev/null"}),
            "an id that is SQL": sign({"kid": "' OR 1=1 --"}),
            "an id that is a number": sign({"kid": 1}),
            "an id of 10 kB": sign({"kid": "k" * 10_000}),
            "an id with a line break": sign({"kid": "a\r\nX-Injected: 1"}),
            "an encryption": sign({"enc": "A256GCM", "alg": "RSA-OAEP"}),
            "alg in other letters": f"{encoded({'alg': 'NoNe', 'kid': other['kid']})}.{payload}.",
            "alg of nothing": f"{encoded({'alg': None, 'kid': other['kid']})}.{payload}.",
            "an expiry in words": sign({}, {"exp": "tomorrow"}, issuer.keys[0]),
            "an expiry that is no number": issuer.token(audience, {"exp": float("nan")}),
            "a negative expiry": issuer.token(audience, {"exp": -1}),
            "a subject that is a list": issuer.token(audience, {"sub": ["anna", "ben"]}),
            "another audience in a list": issuer.token(audience, {"aud": [[audience]]}),
            "a payload of 18,000 brackets": f"{right.split('.')[0]}.{nested}.AAAA",
            "a token of 60 kB": f"{right.split('.')[0]}.{'a' * 60_000}.AAAA",
            "five parts": f"{right}.a.b",
            "nothing but dots": "..",
            "a signature in other base64": right.replace("-", "+").replace("_", "/") + "==",
        }
        sources = itertools.cycle(f"127.0.1.{number}" for number in range(1, 255))

        def refused(what, token):
            answer = server.ask(post(LIST_SPACES, f"Authorization: Bearer {token}\r\n"), next(sources))
            is_clear(what, answer, 401)
            challenge = answer.headers["www-authenticate"]
            expect(f"{what}: {challenge}", 'error="invalid_token"' in challenge and "resource_metadata=" in challenge)
            expect(f"{what}: {answer.headers}", "x-injected" not in answer.headers)

        for what, token in wrong.items():
            refused(what, token)
        expect(f"the server asked a stranger for keys: {stranger.asked}", not stranger.asked)
        fetches = issuer.asked.count("/keys")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            unsigned = (f"{encoded({'alg': 'RS256', 'kid': f'random-{n}'})}.{payload}.AAAA" for n in range(1000))
            list(pool.map(lambda token: refused("a key that nobody has", token), unsigned))
        expect(f"{issuer.asked}", issuer.asked.count("/keys") <= fetches + 1)
        stranger.close()
    return f"{len(wrong)} forged access tokens: 401; 1,000 with unknown keys: at most one look at the issuer"


def key_sets_that_are_bad(folder, binary):
    """An issuer whose keys are slow, huge, away or no JSON: a good token waits for the issuer, and then works."""

    def bad_from_the_start(manner):
        issuer = Issuer(folder, manner)
        key = issuer.new_key(f"key-{manner}")
        process = Process([binary, "--sandbox", "http", "--bind", "127.0.0.1:0", "--oauth-issuer", issuer.url])
        port = int(process.address.rpartition(":")[2])
        sent = post(LIST_SPACES, f"Authorization: Bearer {issuer.token(f'{process.address}/mcp')}\r\n")
        try:
            with connect(port) as connection:
                is_clear(f"keys that are {manner}", ask(connection, sent), 503)
                is_clear(f"the page while keys are {manner}", ask(connection, get("/"), "GET"), 200)
            issuer.manner = "good"
            until = time.monotonic() + 30
            while True:
                with connect(port) as connection:
                    answer = ask(connection, sent)
                is_clear(f"keys that were {manner}", answer, 200, 503)
                if answer.status == 200:
                    break
                expect(f"keys that were {manner} are not looked at again", time.monotonic() < until)
                time.sleep(0.5)
            # A key that is replaced: the new one is good at once, the old one no longer.
            old = issuer.token(f"{process.address}/mcp")
            issuer.new_key(f"new-{manner}")
            new = issuer.token(f"{process.address}/mcp")
            for what, token, status in (("new", new, 200), ("old", old, 401)):
                with connect(port) as connection:
                    is_clear(f"a {what} key", ask(connection, post(LIST_SPACES, f"Authorization: Bearer {token}\r\n")), status)
            # Keys that are known hold while the issuer fails.
            issuer.manner = manner
            unknown = f"{encoded({'alg': 'RS256', 'kid': 'unknown'})}.{new.split('.')[1]}.AAAA"
            with connect(port) as connection:
                is_clear("an unknown key", ask(connection, post(LIST_SPACES, f"Authorization: Bearer {unknown}\r\n")), 401)
                is_clear("a known key", ask(connection, post(LIST_SPACES, f"Authorization: Bearer {new}\r\n")), 200)
            expect("it panicked", not any("panic" in line for line in process.log))
        finally:
            issuer.close()
            code = process.stop()
        expect(f"the server exited with code {code}", code == 0)
        return manner

    manners = ["slow", "huge", "away", "no_json"]
    with concurrent.futures.ThreadPoolExecutor(len(manners)) as pool:
        list(pool.map(bad_from_the_start, manners))
    return f"keys of the issuer that are {', '.join(manners)}: 503 until they are good, a change counts at once, known ones hold"
