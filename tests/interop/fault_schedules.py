"""Equal creates at two replicas under drawn faults: fault_schedules.py BINARY [--seed N] [--rounds N]

Each round sends some posts, each by several callers at both replicas at once, and meanwhile plays a schedule of faults that
is drawn from the seed: of Saki, of the replicas, of the store, and of connections. When the faults end, the callers go on
until they know that the post is made. Then Saki has exactly one cluster of each post. Nothing is deleted, so Saki had never
more of them than at the end. An equal create is answered within 90 seconds of the last kill.

For ten minutes after its start, a store counts as one that may have forgotten something, and creates look into Saki first.
`--wait-first 620` lets these pass; the odd rounds then have a store that remembers, as long as --at-a-time is even. Needs
redis-server.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import random
import sys
import tempfile
import threading
import time
import traceback

from installation import CREATE, LIST, SETTLED, Installation, Saki, call, cut_call
from late_delivery import LateDelivery

# The time limit for one request to Saki, so that some of the delays below are longer.
SAKI_TIMEOUT = 4
# After the last kill or the end of the faults, an equal create is answered within this time: a lease lasts 60 seconds, and
# a store that may have forgotten something is given 15.
ANSWERED_WITHIN = 90
# By then the post is made, even where somebody had to look and to decide first.
SETTLED_WITHIN = 240
# The accounts take any text, and share some of the posts.
ACCOUNTS = (11, 13, 14)
# Kinds of faults; each round begins with another one, and draws further ones.
STORE_RESTARTS = (
    "store restarted",
    "store killed, keeps its data",
    "store killed, loses its data",
    "kill a replica and the store",
)
OTHERS = (
    "kill a replica",
    "kill both replicas",
    "replica stopped",
    "store hangs",
    "connections to the store cut",
    "connections of clients cut",
    "clients give up",
    "Saki's answer lost",
    "Saki's answer late",
    "Saki's answer unreadable",
    "Saki slow before the write",
    "Saki writes after its client went away",
    "Saki fails before the write",
    "Saki fails after the write",
    "Saki refuses for the moment",
    "Saki's lists fail",
)
# So many rounds begin with each kind once.
ALL = len(STORE_RESTARTS) + len(OTHERS)
# For so long after its restart a store counts as one that may have forgotten something.
FORGETFUL_FOR = 10 * 60


class Schedule:
    """What happens in one round: faults that wait in Saki, events at their times, and how the callers behave."""

    def __init__(self, number, seed):
        self.dice = dice = random.Random(f"{seed}/{number}")
        others = random.Random(seed).sample(OTHERS, len(OTHERS))
        # In odd rounds the store is not restarted, so that installations with these alone have one that remembers.
        half = ALL // 2 - len(STORE_RESTARTS)
        order = [*others[half:], *others[:half]] if number % 2 else [*STORE_RESTARTS, *others]
        self.kinds = [order[number // 2 % len(order)], *dice.sample(order, dice.choice([0, 1, 1, 2]))]
        self.kinds = list(dict.fromkeys(self.kinds))
        # `late` are the seconds for which creates are under way to Saki.
        self.faults, self.late, self.events = [], [], []
        self.gives_up = self.is_cut = False
        for kind in self.kinds:
            self.draw(kind)
        self.events.sort(key=lambda event: event[0])
        self.posts = [self.post(number, index) for index in range(3)]
        # When the first callers of each post begin, all but the first shortly before something happens.
        times = [at for at, _, _ in self.events] or [1, 2]
        self.starts = [0, *(max(0, dice.choice(times) - dice.uniform(0, 0.5)) for _ in self.posts[1:])]

    def post(self, number, index):
        dice = self.dice
        accounts = dice.sample(ACCOUNTS, dice.choice([1, 1, 2]))
        post = {"space_id": 1, "account_ids": accounts, "content": f"Round {number}, post {index}"}
        if index == 0 or dice.random() < 0.3:
            return {**post, "publish": "now"}
        return {**post, "publish": "schedule", "scheduled_at": f"2030-01-{dice.randrange(1, 29):02}T10:00:00Z"}

    def fault(self, times, on=CREATE, **kind):
        for _ in range(times):
            self.faults.append({**on, "skip": self.dice.randrange(3), **kind})

    def delays(self, after_write, longest=2 * SAKI_TIMEOUT):
        for _ in range(3):
            self.fault(1, kind="delay", ms=self.dice.randrange(500, longest * 1000), after_write=after_write)

    def event(self, what, *arguments):
        self.events.append((round(self.dice.uniform(0.3, 4), 2), what, arguments))

    def draw(self, kind):
        dice = self.dice
        if kind.startswith("kill"):
            # Something has to be under way at that moment.
            self.delays(dice.random() < 0.5, longest=SAKI_TIMEOUT)
        match kind:
            case "kill a replica":
                self.event("kill", dice.randrange(2), dice.uniform(0, 2))
            case "kill a replica and the store":
                self.event("kill", dice.randrange(2), dice.uniform(0, 2))
                self.event("restart store", "kill", dice.random() < 0.5, dice.uniform(0, 3))
            case "kill both replicas":
                self.event("kill", 0, dice.uniform(0, 2))
                self.event("kill", 1, dice.uniform(0, 2))
            case "replica stopped":
                self.event("stop", dice.randrange(2))
            case "store restarted":
                self.event("restart store", "stop", False, dice.uniform(0, 2))
            case "store killed, keeps its data":
                self.event("restart store", "kill", False, dice.uniform(0, 3))
            case "store killed, loses its data":
                self.event("restart store", "kill", True, dice.uniform(0, 3))
                self.delays(dice.random() < 0.5)
            case "store hangs":
                self.event("pause store", dice.uniform(0.3, 5))
            case "connections to the store cut":
                for _ in range(4):
                    self.event("cut store")
            case "connections of clients cut":
                self.is_cut = True
                self.delays(dice.random() < 0.5)
            case "clients give up":
                self.gives_up = True
                self.delays(dice.random() < 0.5)
            case "Saki's answer lost":
                self.fault(3, kind="drop_after")
            case "Saki's answer late":
                self.delays(True)
            case "Saki slow before the write":
                self.delays(False)
            case "Saki writes after its client went away":
                # Not longer than a store that lost its data is given until it is trusted again.
                self.late += [dice.uniform(SAKI_TIMEOUT + 1, 12) for _ in range(2)]
            case "Saki's answer unreadable":
                for what in ("truncate", "empty", "html", "garbage"):
                    self.fault(1, kind=what)
            case "Saki fails before the write":
                self.fault(2, kind="status", status=dice.choice([500, 502, 503, 504]))
                self.fault(1, kind="drop_before")
            case "Saki fails after the write":
                self.fault(3, kind="status", status=dice.choice([500, 502, 503, 504]), after_write=True)
            case "Saki refuses for the moment":
                self.fault(3, kind="status", status=429, headers={"Retry-After": "1"})
            case "Saki's lists fail":
                self.fault(dice.randrange(2, 12), on=LIST, kind="status", status=dice.choice([500, 503]))
                self.fault(2, kind="drop_after")

    def __str__(self):
        return f"{'; '.join(self.kinds)}; events {[(at, what) for at, what, _ in self.events]}"


class Caller(threading.Thread):
    """Sends one create again and again until it knows that the post is made."""

    def __init__(self, round_, post, number):
        super().__init__(daemon=True)
        self.round, self.post, self.dice = round_, post, random.Random(f"{post['content']}/{number}")
        # Two begin at the same moment, one at each replica, and the others follow.
        self.replica = number % 2
        later = self.dice.uniform(0, 1.5) if number > 1 else 0
        self.begins = round_.began + 0.1 + round_.schedule.starts[round_.schedule.posts.index(post)] + later
        self.answers = []
        # When a call after the faults was first answered by more than that nothing was sent.
        self.heard = None
        # Whether the last answer after the faults leaves the outcome open.
        self.is_unknown = False
        self.settled = None

    def one_call(self):
        installation, schedule = self.round.installation, self.round.schedule
        port, is_over = installation.replicas[self.replica].port, self.round.is_over.is_set()
        if schedule.is_cut and not is_over:
            return cut_call(port, "create_post", self.post, self.dice.uniform(0.05, 3))
        timeout = self.dice.uniform(0.3, 3) if schedule.gives_up and not is_over else 60
        return call(port, "create_post", self.post, timeout)

    def run(self):
        time.sleep(max(0, self.begins - time.monotonic()))
        while not self.round.is_closed.is_set():
            is_over = self.round.is_over.is_set()
            answer = self.one_call()
            now = time.monotonic()
            self.answers.append((round(now - self.round.began, 1), self.replica, answer))
            if answer.outcome in SETTLED:
                self.heard = self.heard or now
                self.settled = now
                return
            # A call that was stopped while it waited for its turn knows nothing yet.
            if is_over and answer.error == "unknown_outcome" and "was stopped" not in answer.text:
                self.heard = self.heard or now
                self.is_unknown = True
                # A further call would only look again.
                self.round.decided[self.post["content"]].wait(SETTLED_WITHIN)
            self.is_unknown = False
            self.replica = self.dice.randrange(2)
            time.sleep(self.dice.uniform(0.2, 1))


class Round:
    def __init__(self, installation, way, schedule):
        self.installation, self.way, self.schedule = installation, way, schedule
        self.is_over, self.is_closed = threading.Event(), threading.Event()
        # When a replica was last killed.
        self.began, self.killed = time.monotonic(), None
        # Set when it was decided what becomes of a post whose outcome the answers leave open.
        self.decided = {post["content"]: threading.Event() for post in schedule.posts}

    def play(self, what, arguments):
        replicas, redis = self.installation.replicas, self.installation.redis
        match what, arguments:
            case "kill", (number, pause):
                replicas[number].kill()
                self.killed = time.monotonic()
                time.sleep(pause)
                replicas[number].start()
            case "stop", (number,):
                code = replicas[number].stop()
                replicas[number].start()
                if code != 0:
                    raise RuntimeError(f"a stopped replica exited with code {code}")
            case "restart store", (how, loses, pause):
                getattr(redis, how)()
                if loses:
                    redis.wipe()
                time.sleep(pause)
                redis.start()
            case "pause store", (seconds,):
                redis.pause(seconds)
            case "cut store", ():
                if redis.child.poll() is None:
                    redis.cut_connections()

    def play_all(self):
        """Plays the events at their times; two of one program one after the other."""
        locks = collections.defaultdict(threading.Lock)

        def one(event):
            at, what, arguments = event
            time.sleep(max(0, self.began + at - time.monotonic()))
            with locks[arguments[0] if what in ("kill", "stop") else "store"]:
                self.play(what, arguments)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(one, self.schedule.events))

    def clusters(self, post):
        """The clusters in Saki with the text of a post, and the accounts of each."""
        clusters = collections.defaultdict(list)
        for found in self.installation.saki.posts():
            if found["content"] == post["content"]:
                clusters[found["cluster_id"]].append(found["account_id"])
        return clusters

    def decide(self, callers):
        """Does what the answers say where nobody knows whether there is a post: if Saki shows none, it is sent once more."""
        for post in self.schedule.posts:
            decided = self.decided[post["content"]]
            own = [caller for caller in callers if caller.post is post]
            if decided.is_set() or any(not caller.is_unknown and not caller.settled for caller in own):
                continue
            if not any(caller.is_unknown for caller in own) or self.way.under_way:
                continue
            if not self.clusters(post):
                answer = call(self.installation.replicas[0].port, "create_post", {**post, "allow_repeat": True}, 60)
                if answer.error == "not_sent":
                    continue
            decided.set()

    def run(self):
        """Plays the round; returns what is wrong, and how long the callers waited for an answer."""
        saki = self.installation.saki
        saki.add_faults(self.schedule.faults)
        self.way.delays += self.schedule.late
        callers = [Caller(self, post, number) for post in self.schedule.posts for number in range(4)]
        for caller in callers:
            caller.start()
        self.play_all()
        time.sleep(max(0, self.began + 5 - time.monotonic()))
        saki.clear_faults()
        self.way.forget()
        self.is_over.set()
        # Where nobody was killed, the time runs from the end of the faults.
        start = self.killed or time.monotonic()
        while time.monotonic() < start + SETTLED_WITHIN and not all(caller.settled for caller in callers):
            time.sleep(0.3)
            self.decide(callers)
        self.is_closed.set()
        wrong = []
        for caller in callers:
            if not caller.heard or caller.heard - start > ANSWERED_WITHIN:
                wrong.append(f"no answer within {ANSWERED_WITHIN} s: {self.story(caller)}")
            elif not caller.settled:
                wrong.append(f"no end within {SETTLED_WITHIN} s: {self.story(caller)}")
        while self.way.under_way:
            time.sleep(0.1)
        time.sleep(1)
        for post in self.schedule.posts:
            wrong += self.check(post, [caller for caller in callers if caller.post is post])
        return wrong, max(0, *(caller.heard - start if caller.heard else SETTLED_WITHIN for caller in callers))

    def story(self, caller):
        answers = [f"{at} s at {replica}: {answer.outcome or answer.error}" for at, replica, answer in caller.answers]
        last = caller.answers[-1][2].text if caller.answers else "no answer"
        return f"{caller.post['content']}: {answers[-12:]}, last: {last[:700]}"

    def check(self, post, callers):
        text, found = post["content"], self.clusters(post)
        if len(found) != 1:
            stories = [self.story(caller) for caller in callers]
            yield f"{text} has {len(found)} clusters: {dict(found)}; decided: {self.decided[text].is_set()}; {stories}"
            return
        [(cluster_id, accounts)] = found.items()
        if sorted(accounts) != sorted(post["account_ids"]):
            yield f"{text} is posted for {accounts} and not for {post['account_ids']}"
        for replica in self.installation.replicas:
            answer = call(replica.port, "create_post", post, 60)
            if answer.outcome != "replayed":
                yield f"{text} once more: {answer.outcome or answer.error}: {answer.text[:500]}"
        answers = [answer for caller in callers for _, _, answer in caller.answers if answer.outcome in SETTLED]
        named = {answer.content.get("cluster_id") for answer in answers}
        if named - {cluster_id}:
            yield f"{text} is {cluster_id}, and the answers name {named}"


class Lane:
    """Rounds one after the other in one installation."""

    def __init__(self, options, numbers, report):
        self.options, self.numbers, self.report = options, numbers, report

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            saki = Saki(self.options.binary, folder)
            way = LateDelivery(saki.port)
            installation = Installation(saki, folder, way.port, settings={"SAKI_TIMEOUT": f"{SAKI_TIMEOUT}s"})
            try:
                installation.settle()
                time.sleep(self.options.wait_first)
                for number in self.numbers:
                    schedule = Schedule(number, self.options.seed)
                    remembers = time.monotonic() - installation.redis.started > FORGETFUL_FOR
                    try:
                        wrong, waited = Round(installation, way, schedule).run()
                    except Exception:
                        wrong, waited = [traceback.format_exc()], 0
                    self.report(number, schedule, wrong, waited, remembers)
                    if wrong:
                        self.keep_logs(folder, number)
            finally:
                installation.close()
                way.close()

    def keep_logs(self, folder, number):
        for log in pathlib.Path(folder).glob("*.log"):
            print(f"  {log.name} of round {number}: {log.read_text(errors='replace')[-3000:]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rounds", type=int, default=ALL)
    parser.add_argument("--at-a-time", type=int, default=ALL)
    parser.add_argument("--wait-first", type=int, default=0, metavar="SECONDS", help="let the stores run for so long before")
    options = parser.parse_args()
    options.binary = str(pathlib.Path(options.binary).resolve())
    print(f"seed {options.seed}, {options.rounds} rounds", flush=True)
    counts = collections.Counter()

    def report(number, schedule, wrong, waited, remembers):
        counts[not wrong] += 1
        counts["remembers"] += remembers
        state = "FAILED" if wrong else "ok    "
        print(f"{state} round {number}, answered after {waited:.1f} s: {schedule}", flush=True)
        for what in wrong:
            print(f"  {what}", flush=True)

    lanes = [Lane(options, range(lane, options.rounds, options.at_a_time), report) for lane in range(options.at_a_time)]
    with concurrent.futures.ThreadPoolExecutor(options.at_a_time) as pool:
        for done in [pool.submit(lane.run) for lane in lanes if lane.numbers]:
            done.result()
    print(f"{counts['remembers']} rounds had a store that ran for more than {FORGETFUL_FOR} s")
    print(f"fault schedules: {counts[True]} passed, {counts[False]} failed")
    return counts[False]


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
