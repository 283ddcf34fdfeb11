"""Two principals interleaved over 5,000 calls on two replicas with one store: two_principals.py BINARY

No answer, confirmation or replay of one is ever seen by the other, no call is booked to the other, and keys, tokens and
secrets stand in no log, metric, audit log or dump of the store. Needs nginx and redis-server.
"""

import base64
import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from server import Process, free_port, new_token

BINARY = sys.argv[1]
CALLS = 5000
AT_A_TIME = 8
KEYS = {"anna": "sk-planted-anna-6b1f0c9d2e", "ben": "sk-planted-ben-94c7a1e5b8"}
SHARED_KEY = "sk-planted-team-0d3f7721aa"
STORE_SECRET = "planted-secret-of-the-store-5f3a9c1d7e"
# What only one of them may see.
WORDS = {"anna": "Lighthouse", "ben": "Windmill"}
OTHER = {"anna": "ben", "ben": "anna"}
ROUTES = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_authorization $world {{ {worlds} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://$world; }}
    }}
}}
"""


class Background:
    """A program that keeps running, and is reached at a port."""

    def __init__(self, command, port):
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(400):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{command[0]} does not listen")

    def stop(self):
        self.child.terminate()
        self.child.wait(20)


class Installation:
    """Three worlds of Saki, one for each key, behind one address; a store; two replicas."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.worlds = {key: Process([BINARY, "sandbox", "--bind", "127.0.0.1:0", "--key", key]) for key in [*KEYS.values(), SHARED_KEY]}
        saki, self.redis_port = free_port(), free_port()
        worlds = " ".join(f'"Bearer {key}" {world.address.removeprefix("http://")};' for key, world in self.worlds.items())
        self.write("nginx.conf", ROUTES.format(folder=folder, port=saki, worlds=worlds))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        # Compressed texts could not be found in the dump.
        redis = ["redis-server", "--port", str(self.redis_port), "--dir", folder, "--rdbcompression", "no", "--save", ""]
        self.programs = [
            Background([nginx, "-p", folder, "-c", f"{folder}/nginx.conf"], saki),
            Background([*redis, "--bind", "127.0.0.1"], self.redis_port),
        ]
        made = {name: new_token(BINARY, name) for name in [*KEYS, "carol", "dave"]}
        self.tokens = {name: token for name, (token, _) in made.items()}
        lines = [line if name in KEYS else f"{line} key=team" for name, (_, line) in made.items()]
        keys = [f"{name}: {self.write(name + '.key', key)}" for name, key in {**KEYS, "team": SHARED_KEY}.items()]
        self.environment = {
            "PATH": os.environ["PATH"],
            "SAKI_BASE_URL": f"http://127.0.0.1:{saki}/api",
            "SAKI_STORE_URL": f"redis://127.0.0.1:{self.redis_port}",
            "SAKI_STORE_SECRET_FILE": self.write("secret", STORE_SECRET),
        }
        self.flags = ["--auth-tokens", self.write("tokens", "\n".join(lines)), "--keys", self.write("keys", "\n".join(keys))]
        self.metrics = [free_port(), free_port()]
        self.replicas = [self.replica(port) for port in self.metrics]

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return str(path)

    def replica(self, metrics):
        audit = ["--audit-log", f"{self.folder}/audit-{metrics}", "--audit-texts"]
        flags = [*self.flags, *audit, "--metrics-bind", f"127.0.0.1:{metrics}", "--log-format", "json", "--log", "debug"]
        return Process([BINARY, "http", "--bind", "127.0.0.1:0", *flags], self.environment)

    def posts(self, key):
        """The texts of all posts in the world of a key."""
        texts, page = [], 1
        while True:
            address = f"{self.worlds[key].address}/api/spaces/1/posts?page={page}"
            request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"})
            with urllib.request.urlopen(request, timeout=20) as reply:
                listed = json.load(reply)
            texts += [json.dumps(post) for post in listed["data"]]
            if page >= listed["meta"]["last_page"]:
                return texts
            page += 1

    def outputs(self):
        """Everything that an operator or somebody with the store can read."""
        for number, (replica, port) in enumerate(zip(self.replicas, self.metrics)):
            yield f"log {number}", "".join(replica.log)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as reply:
                yield f"metrics {number}", reply.read().decode()
            yield f"audit log {number}", pathlib.Path(f"{self.folder}/audit-{port}").read_text()
        subprocess.run(["redis-cli", "-p", str(self.redis_port), "save"], check=True, capture_output=True)
        yield "dump of the store", (self.folder / "dump.rdb").read_bytes().decode("latin-1")

    def close(self):
        for process in [*self.replicas, *self.worlds.values(), *self.programs]:
            process.stop()


class Callers:
    """Calls either replica as anybody, each thread over connections of its own."""

    def __init__(self, installation):
        self.installation, self.connections = installation, threading.local()
        self.asked = {}

    def call(self, name, tool, arguments, replica=None):
        replica = random.choice(self.installation.replicas) if replica is None else self.installation.replicas[replica]
        kept = self.connections.__dict__
        connection = kept.get(replica.address) or http.client.HTTPConnection(replica.address.removeprefix("http://"), timeout=60)
        kept[replica.address] = connection
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        headers = {
            "Authorization": f"Bearer {self.installation.tokens[name]}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        connection.request("POST", "/mcp", json.dumps(message), headers)
        reply = connection.getresponse()
        body = json.loads(reply.read())
        self.asked[reply.getheader("X-Request-Id")] = name
        if reply.status != 200 or "result" not in body:
            raise RuntimeError(f"{tool}: {reply.status} {body}")
        return body["result"]


def expect(what, is_so):
    if not is_so:
        raise RuntimeError(what)


def one_call(callers, dice):
    """A call of one of them, and what of the other is in the answer. Returns whose word was seen, if the own one was."""
    name = dice.choice(list(KEYS))
    own, foreign = WORDS[name], WORDS[OTHER[name]]
    text = f"{own} {dice.randrange(40)}"
    post = {"space_id": f"{own} Studio", "account_ids": [11], "content": text}
    tool, arguments = dice.choice([
        ("list_spaces", {}),
        ("get_overview", {}),
        ("list_accounts", {"space_id": f"{own} Studio"}),
        ("list_posts", {"search": own}),
        ("list_posts", {"search": foreign}),
        ("get_space", {"space_id": f"{foreign} Studio"}),
        # The same text comes again, and is answered from the store that both share.
        ("create_post", {**post, "publish": "draft"}),
        ("create_post", {**post, "publish": "schedule", "scheduled_at": "2030-01-01T10:00:00Z"}),
        ("create_post", {**post, "publish": "now", "dry_run": True}),
    ])  # fmt: skip
    result = callers.call(name, tool, arguments)
    shown = json.dumps(result)
    if foreign in json.dumps(arguments):
        # The answer echoes the name of the other, so it has to find nothing.
        is_kept = result.get("isError") or result["structuredContent"]["data"] == []
    else:
        is_kept = foreign not in shown
    expect(f"{name} sees {foreign} by {tool} {arguments}: {shown}", is_kept)
    return name if own in shown else None


def many_calls(installation, callers):
    for name, word in WORDS.items():
        callers.call(name, "update_space", {"space_id": 1, "name": f"{word} Studio"})
    # The other replica may know the old names for a while.
    for name, word in WORDS.items():
        for replica in (0, 1):
            for _ in range(300):
                if f"{word} Studio" in json.dumps(callers.call(name, "list_spaces", {}, replica)):
                    break
                time.sleep(0.2)
            else:
                raise RuntimeError(f"replica {replica} does not show {word} Studio")
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        seen = collections.Counter(pool.map(lambda seed: one_call(callers, random.Random(seed)), range(CALLS)))
    # Each sees what is its own, so the search is for something that exists.
    expect(f"seen: {seen}", all(seen[name] > CALLS / 8 for name in KEYS))
    for name, key in KEYS.items():
        posts = installation.posts(key)
        expect(f"posts of {name}: {len(posts)}", any(WORDS[name] in post for post in posts))
        expect(f"a post of {OTHER[name]} at {name}", not any(WORDS[OTHER[name]] in post for post in posts))
    return f"{CALLS} calls, of which {seen['anna']} and {seen['ben']} showed what is the caller's own, and none the other's"


def confirmations(installation, callers):
    """Two with one key: what one is asked, the other cannot confirm, on whichever replica; the one can, once."""

    def one(number):
        owner, thief = ("carol", "dave") if number % 2 else ("dave", "carol")
        at = number // 2 % 2
        publish = {"space_id": 1, "account_ids": [11], "content": f"Confirmed {number}", "publish": "now"}
        asked = callers.call(owner, "create_post", publish, at)["structuredContent"]
        expect(f"asked: {asked}", asked["outcome"] == "confirmation_needed")
        confirmed = {**publish, "confirmation": asked["confirmation"]}
        for replica in (at, 1 - at):
            stolen = callers.call(thief, "create_post", confirmed, replica)["structuredContent"]
            expect(f"stolen: {stolen}", stolen["outcome"] == "confirmation_needed")
        done = callers.call(owner, "create_post", confirmed, 1 - at)["structuredContent"]
        expect(f"done: {done}", done["outcome"] == "done")
        again = callers.call(owner, "create_post", {**confirmed, "content": f"Again {number}"}, at)
        expect(f"again: {again}", again.get("structuredContent", {}).get("outcome") == "confirmation_needed")

    rounds = 100
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(one, range(rounds)))
    posts = installation.posts(SHARED_KEY)
    for number in range(rounds):
        count = sum(f'"Confirmed {number}"' in post for post in posts)
        expect(f"posts of round {number}: {count}", count == 1)
    return f"{rounds} confirmations of two with one key: none was good for the other, each was good once"


def booked(installation, callers):
    lines = [json.loads(line) for replica in installation.replicas for line in replica.log if line.startswith("{")]
    calls = {line["request_id"]: line["principal"] for line in lines if line.get("message") == "call"}
    wrong = [(name, calls.get(asked)) for asked, name in callers.asked.items() if calls.get(asked) != f"token/{name}"]
    expect(f"booked wrongly: {len(wrong)}, such as {wrong[:3]}", not wrong)
    return f"each of {len(callers.asked)} calls stands in the log under its own principal"


def searched(installation):
    secrets = [*KEYS.values(), SHARED_KEY, STORE_SECRET, *installation.tokens.values()]
    # In parts, so that half a key is found too, and in base64.
    parts = {secret[at : at + 8] for secret in secrets for at in range(0, len(secret) - 7, 8)}
    parts |= {base64.b64encode(secret.encode()).decode()[:16] for secret in secrets}
    # These are not secret: all tokens and all keys here begin with them.
    parts -= {"saki_mcp", "sk-plant", "planted-"}
    # Each has something that must be found, so the search is in the right place.
    has = {"log": "token/anna", "metrics": "saki_mcp_", "audit log": WORDS["anna"], "dump": "saki"}
    looked = 0
    for name, text in installation.outputs():
        looked += len(text)
        expect(f"the {name} lacks what is known to be in it", any(name.startswith(kind) and word in text for kind, word in has.items()))
        found = [part for part in parts if part in text]
        expect(f"{len(found)} parts of secrets in the {name}, such as {found[:1]}", not found)
        if name.startswith(("metrics", "dump")):
            personal = [word for word in (*WORDS.values(), "anna", "carol") if word in text]
            expect(f"{personal} in the {name}", not personal)
    return f"no part of a key, token or secret in {looked / 1e6:.1f} MB of logs, metrics, audit logs and store"


def main():
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        # nginx drops its privileges, and still has to read this folder.
        pathlib.Path(folder).chmod(0o755)
        installation = Installation(folder)
        callers = Callers(installation)
        try:
            for check in (
                lambda: many_calls(installation, callers),
                lambda: confirmations(installation, callers),
                lambda: booked(installation, callers),
                lambda: searched(installation),
            ):
                try:
                    print(f"ok     {check()}", flush=True)
                    passed += 1
                except Exception as error:
                    print(f"FAILED {type(error).__name__}: {error}", flush=True)
                    failed += 1
        finally:
            installation.close()
    print(f"two principals: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if main() else 0)
