"""Two replicas behind nginx under a steady load with faults: soak.py BINARY --minutes N [--out FOLDER] [--seed N]

Several people with tokens of their own read, create, edit and delete posts, about 20 calls a second. Of the requests to Saki,
5 % are answered late, with a 5xx, or not at all. Each minute the second replica is killed and started again, and in the
middle the store restarts with its data. The first replica lives all the time, so that its memory can be watched. A call that
got no answer is repeated, as a client would.

Prints calls, errors by class, duplicates, what was lost, latency and memory; FOLDER gets soak.json, and soak.svg with the
memory over time. It fails where a post is there twice, or where Saki does not have what a call answered. Needs nginx, openssl
and redis-server.
"""

import argparse
import collections
import json
import pathlib
import queue
import random
import re
import shutil
import sys
import tempfile
import threading
import time
import traceback

from installation import SETTLED, Installation, Saki, ask
from memory_picture import COLOURS, picture
from server import Nginx, new_token

PEOPLE = ("anna", "ben", "carol", "dave")
CALLS_PER_SECOND = 20
WORKERS = 40
FAULTY = 0.05
# Requests to Saki for which faults are drawn at a time.
BLOCK = 2000
KILL_EVERY, FIRST_KILL = 60, 30
SAMPLE_EVERY = 5
# A connection is given up before nginx closes it in the middle of a request.
CALLS_PER_CONNECTION = 500
# A person repeats a call for so long, and looks so often whether a post of unknown outcome is there.
REPEATED_FOR, LOOKS = 150, 3
# As many posts are kept about: fewer lead to creates, and more to deletes.
FEWEST, MOST = 40, 150
ACCOUNTS = (11, 13, 14)


class Post:
    """A post that a person made, and what is known of it."""

    def __init__(self, number, publish):
        self.number, self.publish = number, publish
        self.name = f"Soak {number:06}."
        # Texts that it may have; more than one where the outcome of an edit is not known.
        self.texts = [self.name]
        self.edits = 0
        # "done", "open" where it is not known whether there is one, or "given_up" where no call was answered.
        self.made, self.ids = None, []
        # None, "done" or "open".
        self.deleted = None


class People:
    """The load: calls by several people, whose answers are counted and remembered."""

    def __init__(self, nginx, tokens, dice):
        self.nginx, self.tokens, self.dice = nginx, tokens, dice
        self.lock, self.local = threading.Lock(), threading.local()
        self.jobs, self.longest_queue = queue.Queue(), 0
        self.posts, self.live, self.broken = [], [], []
        self.errors, self.tools = collections.Counter(), collections.Counter()
        self.latencies = {"read": [], "write": []}
        self.unknown_answers = []
        self.workers = [threading.Thread(target=self.work, daemon=True) for _ in range(WORKERS)]
        for worker in self.workers:
            worker.start()

    def call(self, tool, arguments):
        kept = self.local.__dict__
        if kept.get("left", 0) <= 0:
            if "connection" in kept:
                kept["connection"].close()
            kept["connection"], kept["left"] = self.nginx.connect(), CALLS_PER_CONNECTION
            kept["connection"].timeout = 65
        kept["left"] -= 1
        token = self.tokens[self.dice.choice(PEOPLE)]
        began = time.monotonic()
        answer = ask(kept["connection"], tool, arguments, {"Authorization": f"Bearer {token}"})
        if answer.error:
            kept["left"] = 0
        kind = "read" if tool.startswith(("list", "get")) else "write"
        with self.lock:
            self.tools[tool] += 1
            self.latencies[kind].append(time.monotonic() - began)
            if answer.error:
                self.errors[f"{kind} {answer.error}"] += 1
        return answer

    def add_job(self):
        chance = self.dice.random()
        with self.lock:
            count = len(self.live)
        if chance < 0.8:
            job = self.read
        elif count < FEWEST or (chance < 0.88 and count < MOST):
            job = self.create
        elif chance < 0.93:
            job = self.edit
        else:
            job = self.delete
        self.jobs.put(job)
        self.longest_queue = max(self.longest_queue, self.jobs.qsize())

    def work(self):
        while job := self.jobs.get():
            try:
                job()
            except Exception:
                self.broken.append(traceback.format_exc())

    def finish(self):
        for _ in self.workers:
            self.jobs.put(None)
        for worker in self.workers:
            worker.join(REPEATED_FOR + 70)
        return sum(worker.is_alive() for worker in self.workers)

    def take(self, may_be_public):
        """A post that nobody else changes meanwhile."""
        with self.lock:
            fitting = [post for post in self.live if may_be_public or post.publish != "now"]
            if not fitting:
                return None
            post = self.dice.choice(fitting)
            self.live.remove(post)
            return post

    def put_back(self, post):
        with self.lock:
            self.live.append(post)

    def read(self):
        with self.lock:
            post = self.dice.choice(self.live) if self.live else None
        tool, arguments = self.dice.choice([
            ("list_spaces", {}),
            ("list_accounts", {"space_id": 1}),
            ("list_posts", {"space_id": 1}),
            ("list_posts", {"space_id": 1, "status": "scheduled", "page": 2}),
            ("get_queue", {"space_id": 1}),
            ("list_slots", {"space_id": 1}),
            ("get_subscription", {}),
            # The post may be deleted meanwhile.
            ("get_post", {"space_id": 1, "post_id": post.ids[0]}) if post else ("list_spaces", {}),
        ])  # fmt: skip
        self.call(tool, arguments)

    def repeated(self, tool, arguments):
        """The last answer of a call that is repeated while it is not known to be done."""
        until, looks = time.monotonic() + REPEATED_FOR, 0
        while True:
            answer = self.call(tool, arguments)
            looks += answer.error == "unknown_outcome"
            if answer.outcome or answer.status == 404 or looks == LOOKS or time.monotonic() > until:
                return answer
            time.sleep(self.dice.uniform(0.5, 2))

    def create(self):
        publish = self.dice.choices(["schedule", "draft", "now"], [70, 15, 15])[0]
        with self.lock:
            post = Post(len(self.posts), publish)
            self.posts.append(post)
        arguments = {"space_id": 1, "account_ids": [self.dice.choice(ACCOUNTS)], "content": post.name, "publish": publish}
        if publish == "schedule":
            arguments["scheduled_at"] = f"2030-01-{post.number % 28 + 1:02}T{post.number // 28 % 24:02}:00:00Z"
        answer = self.repeated("create_post", arguments)
        if answer.outcome in SETTLED:
            post.ids, post.made = answer.content.get("post_ids") or [], "done"
            if post.ids:
                self.put_back(post)
            return
        post.made = "open" if answer.error == "unknown_outcome" else "given_up"
        with self.lock:
            self.unknown_answers.append(f"{post.name} {answer.error}: {answer.text[:600]}")

    def edit(self):
        post = self.take(may_be_public=False)
        if not post:
            return
        post.edits += 1
        text = f"{post.name} Edit {post.edits}"
        answer = self.repeated("update_post", {"space_id": 1, "post_id": post.ids[0], "content": text})
        post.texts = [text] if answer.outcome in SETTLED else [*post.texts, text]
        self.put_back(post)

    def delete(self):
        post = self.take(may_be_public=True)
        if not post:
            return
        answer = self.repeated("delete_post", {"space_id": 1, "post_id": post.ids[0]})
        post.deleted = "done" if answer.outcome in SETTLED or answer.status == 404 else "open"


class Soak:
    def __init__(self, options, folder):
        self.options, self.dice = options, random.Random(options.seed)
        tokens = {name: new_token(options.binary, name) for name in PEOPLE}
        (folder / "nginx").mkdir()
        self.nginx = Nginx(str(folder / "nginx"), None)
        folder.chmod(0o755)
        lines = folder / "tokens"
        lines.write_text("".join(line + "\n" for _, line in tokens.values()))
        flags = ["--auth-tokens", str(lines), "--trusted-proxy", "127.0.0.1"]
        flags += ["--public-url", f"https://localhost:{self.nginx.port}"]
        saki = Saki(options.binary, folder)
        self.installation = Installation(saki, folder, saki.port, flags, {"SAKI_TIMEOUT": "10s"})
        self.nginx.start([f"127.0.0.1:{replica.port}" for replica in self.installation.replicas])
        self.people = People(self.nginx, {name: token for name, (token, _) in tokens.items()}, self.dice)
        self.seconds, self.samples, self.events = options.minutes * 60, [], []
        self.requests = self.faulty = 0
        self.is_over = threading.Event()
        # What went wrong in this script itself.
        self.broken = []

    def close(self):
        try:
            self.nginx.stop()
        finally:
            self.installation.close()

    def since(self):
        return round(time.monotonic() - self.began, 1)

    def fault(self, skip):
        dice = self.dice
        kind = dice.choice([
            {"kind": "drop_after"},
            {"kind": "drop_before"},
            {"kind": "delay", "ms": dice.randrange(500, 14_000), "after_write": dice.random() < 0.5},
            {"kind": "status", "status": dice.choice([500, 502, 503, 504]), "after_write": dice.random() < 0.5},
        ])  # fmt: skip
        return {"skip": skip, **kind}

    def watch(self):
        """Looks at the memory, and keeps faults waiting in Saki."""
        installation = self.installation
        while not self.is_over.wait(SAMPLE_EVERY - self.since() % SAMPLE_EVERY):
            memory = {program.log.stem: program.memory() for program in [*installation.replicas, installation.redis]}
            self.samples.append({"at": self.since(), **memory})
            log = installation.saki.ask("GET", "/_sandbox/log")
            installation.saki.ask("DELETE", "/_sandbox/log")
            self.requests += len(log)
            self.faulty += sum(bool(request["fault"]) for request in log)
            if installation.saki.waiting_faults() < 5:
                self.add_faults()

    def add_faults(self):
        self.installation.saki.add_faults([self.fault(skip) for skip in range(BLOCK) if self.dice.random() < FAULTY])

    def disturb(self):
        _, two = self.installation.replicas
        restart = self.seconds / 2 - 7
        kills = [at for at in range(FIRST_KILL, int(self.seconds), KILL_EVERY)]
        plan = sorted([(at, "kill") for at in kills] + [(restart, "store restart")])
        for at, what in plan:
            if self.is_over.wait(max(0, at - self.since())):
                return
            self.events.append({"at": self.since(), "what": what})
            program = two if what == "kill" else self.installation.redis
            program.kill() if what == "kill" else program.stop()
            program.start()

    def guard(self, work):
        try:
            work()
        except Exception:
            self.broken.append(traceback.format_exc())

    def run(self):
        self.began = time.monotonic()
        self.add_faults()
        threads = [threading.Thread(target=self.guard, args=(work,), daemon=True) for work in (self.watch, self.disturb)]
        for thread in threads:
            thread.start()
        due, told = 0.0, 0
        while (now := self.since()) < self.seconds:
            while due < now:
                self.people.add_job()
                due += self.dice.expovariate(CALLS_PER_SECOND)
            if now >= told + 60:
                told = now
                calls = sum(self.people.tools.values())
                print(f"{now:.0f} s: {calls} calls, {len(self.people.live)} posts, {self.samples[-1:]}", flush=True)
            time.sleep(0.02)
        stuck = self.people.finish()
        self.is_over.set()
        for thread in threads:
            thread.join(30)
        self.installation.saki.clear_faults()
        # What is still on its way would be in Saki by then.
        time.sleep(15)
        return self.result(stuck)

    def result(self, stuck):
        people, there = self.people, self.installation.saki.posts()
        by_id = {post["id"]: post for post in there}
        clusters = collections.defaultdict(set)
        for post in there:
            if named := re.match(r"Soak \d+\.", post["content"] or ""):
                clusters[named[0]].add(post["cluster_id"])
        made = [post for post in people.posts if post.made == "done"]
        # A post whose deletion was answered is neither lost nor there.
        kept = [post for post in made if post.deleted is None]
        lost = [post.name for post in kept if not post.ids or not all(id in by_id for id in post.ids)]
        lost += [
            f"{post.name} has the text {by_id[post.ids[0]]['content']!r} and none of {post.texts}"
            for post in kept
            if post.name not in lost and by_id[post.ids[0]]["content"] not in post.texts
        ]
        lost += [f"{post.name} was deleted and is there" for post in made if post.deleted == "done" and post.name in clusters]
        logs = {program.log.stem: program.log.read_text(errors="replace") for program in self.installation.replicas}
        unknown = [post for post in people.posts if post.made == "open"]
        return {
            "minutes": self.options.minutes,
            "seed": self.options.seed,
            "calls": sum(people.tools.values()),
            "calls_by_tool": dict(people.tools.most_common()),
            "errors_by_class": dict(people.errors.most_common()),
            "requests_to_saki": self.requests,
            "faulty_requests_to_saki": self.faulty,
            "events_by_kind": dict(collections.Counter(event["what"] for event in self.events)),
            "creates": {
                "done": len(made),
                "outcome_unknown": len(unknown),
                "of_these_in_saki": sum(post.name in clusters for post in unknown),
                "given_up": sum(post.made == "given_up" for post in people.posts),
            },
            "edited": sum(post.edits for post in people.posts),
            "deleted": sum(post.deleted == "done" for post in people.posts),
            "duplicates": [name for name, found in clusters.items() if len(found) > 1],
            "lost": lost,
            "stuck_workers": stuck,
            "broken": [*self.broken, *people.broken],
            "longest_queue": people.longest_queue,
            "seconds": {kind: percentiles(values) for kind, values in people.latencies.items()},
            "memory_mib": {name: self.memory(name) for name in COLOURS},
            "panics": sum(log.count("panicked") for log in logs.values()),
            "errors_in_logs": [line for log in logs.values() for line in log.splitlines() if "ERROR" in line][:50],
            "unknown_answers": people.unknown_answers[:50],
            "events": self.events,
            "samples": self.samples,
        }

    def memory(self, name):
        values = [sample[name] / 2**20 for sample in self.samples if sample[name]]
        tenth = max(1, len(values) // 10)
        return {
            "after_a_tenth": round(values[min(tenth, len(values) - 1)], 1),
            "last_tenth": round(sum(values[-tenth:]) / tenth, 1),
            "most": round(max(values), 1),
        }


def percentiles(values):
    ordered = sorted(values) or [0]
    return {f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 3) for share in (50, 90, 99)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    options.binary = str(pathlib.Path(options.binary).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        soak = Soak(options, folder)
        try:
            result = soak.run()
        finally:
            soak.close()
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / "soak.json").write_text(json.dumps(result, indent=1) + "\n")
            (options.out / "soak.svg").write_text(picture(result))
            for log in [*folder.glob("*.log"), folder / "nginx" / "error.log"]:
                shutil.copy(log, options.out)
    print(json.dumps({key: value for key, value in result.items() if key not in ("samples", "events")}, indent=1))
    checks = {
        "no post is there twice": not result["duplicates"],
        "Saki has what calls answered": not result["lost"],
        "nothing panicked": not result["panics"],
        "every call ended": not result["stuck_workers"],
        "the script itself went through": not result["broken"],
        "faults were met": bool(result["faulty_requests_to_saki"] and result["events_by_kind"] and result["errors_by_class"]),
        "posts were made, changed and deleted": bool(result["creates"]["done"] and result["edited"] and result["deleted"]),
    }
    for what, is_so in checks.items():
        print(f"{'ok    ' if is_so else 'FAILED'} {what}")
    failed = sum(not is_so for is_so in checks.values())
    print(f"soak: {len(checks) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
