"""The jobs, each one sentence of a person, and what must be true of Saki and of the answer afterwards."""

import json
import urllib.request
from collections import namedtuple
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

# What the person says when the model asks them before it does something.
Job = namedtuple("Job", "task check person", defaults=["Yes, go ahead."])
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
TODAY = datetime.now(BERLIN).date()


def read(port, path):
    headers = {"Authorization": "Bearer sk_live_key_of_a_trial", "Accept": "application/json"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api{path}", headers=headers)
    return json.load(urllib.request.urlopen(asked))


def posts(port):
    """Every post of every space, by id as text."""
    found = {}
    for space in read(port, "/spaces")["data"]:
        page = last = 1
        while page <= last:
            got = read(port, f"/spaces/{space['id']}/posts?page={page}")
            found.update({str(post["id"]): post for post in got["data"]})
            page, last = page + 1, got["meta"]["last_page"]
    return found


class World:
    def __init__(self, before, after, answer, read):
        self.before, self.after, self.answer, self.read = before, after, answer.lower(), read
        self.new = [after[i] for i in after if i not in before]
        self.gone = sorted(int(i) for i in before if i not in after)
        kept = ("content", "status", "scheduled_at", "media", "account_id", "metadata", "children")
        self.changed = {int(i): after[i] for i in before if i in after
                        and any(before[i][k] != after[i][k] for k in kept)}

    def untouched(self, but=()):
        """What happened to posts that the job is not about."""
        odd = [f"post {i} changed" for i in self.changed if i not in but]
        odd += [f"post {i} deleted" for i in self.gone if i not in but]
        return odd

    def made(self, accounts, at=None, status=1, text=None):
        odd = self.untouched()
        got = sorted(post["account_id"] for post in self.new)
        if got not in ([sorted(accounts)] if isinstance(accounts[0], int) else [sorted(a) for a in accounts]):
            odd.append(f"posts on accounts {got}")
        for post in self.new:
            odd += fits(post, at, status, text)
        return odd

    def says(self, *words):
        """A number may be spelled out."""
        spelled = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        forms = {str(number): (str(number), word) for number, word in enumerate(spelled)}
        return [f"the answer does not say {word!r}" for word in words
                if not any(form in self.answer for form in forms.get(word, (word.lower(),)))]


def fits(post, at, status, text):
    odd = []
    if post["status"] != status:
        odd.append(f"status {post['status']} of post {post['id']}")
    if at and (not post["scheduled_at"] or datetime.fromisoformat(post["scheduled_at"].replace("Z", "+00:00")) != at):
        odd.append(f"post {post['id']} at {post['scheduled_at']}")
    if text is not None and post["content"].strip() not in ([text] if isinstance(text, str) else text):
        odd.append(f"text {post['content']!r}")
    return odd


def on(weekday, hour, minute=0, zone=BERLIN):
    """The coming such weekday (0 is Monday), never today."""
    ahead = (weekday - TODAY.weekday() - 1) % 7 + 1
    return at(TODAY + timedelta(days=ahead), hour, minute, zone)


def at(day, hour, minute=0, zone=BERLIN):
    return datetime.combine(day, time(hour, minute), zone).astimezone(timezone.utc)


def tomorrow(hour, minute=0):
    return at(TODAY + timedelta(days=1), hour, minute)


def edited(world, ids, at=None, status=1, text=None):
    odd = world.untouched(but=ids)
    if world.new:
        odd.append(f"{len(world.new)} new posts")
    for i in ids:
        post = world.after.get(str(i))
        odd += fits(post, at, status, text) if post else [f"post {i} is gone"]
    return odd


def coming_week(world, of):
    """How many posts go out from next Monday to Sunday, Berlin days."""
    monday = TODAY + timedelta(days=7 - TODAY.weekday())
    first, end = at(monday, 0), at(monday + timedelta(days=7), 0)
    return sum(1 for post in world.before.values() if post["account_id"] in of and post["scheduled_at"] and post["status"] == 1
               and first <= datetime.fromisoformat(post["scheduled_at"].replace("Z", "+00:00")) < end)


def thread(world):
    odd = world.made([11], tomorrow(18), text="One: grind.")
    texts = [child["content"] for post in world.new for child in post["children"]]
    return odd + ([] if texts == ["Two: bloom.", "Three: pour."] else [f"thread {texts}"])


def picture(world):
    odd = edited(world, [117], status=0)
    media = world.after["117"]["media"]
    return odd + ([] if len(media) == 1 else [f"{len(media)} pictures"])


def per_network(world):
    odd = world.made([11, 14], status=0)
    texts = {post["account_id"]: post["content"] for post in world.new}
    wanted = {11: "New: Huye Mountain.", 14: "We are proud to present our new single origin, Huye Mountain."}
    return odd + ([] if texts == wanted else [f"texts {texts}"])


def slot(world):
    slots = world.read("/spaces/1/slots")["data"]
    new = [s for s in slots if s["id"] > 305]
    fine = len(new) == 1 and str(new[0]["weekday"]).lower() == "thursday" and new[0]["time"].startswith("12:00")
    return world.untouched() + ([] if fine else [f"slots {new}"])


def hook(world):
    hooks = [h for h in world.read("/spaces/2/webhooks")["data"] if h["id"] != 702]
    fine = len(hooks) == 1 and hooks[0]["url"] == "https://hooks.example.com/saki" and hooks[0]["events"] == ["post.failed"]
    return world.untouched() + ([] if fine else [f"webhooks {hooks}"])


def hook_kept(world):
    one = next(h for h in world.read("/spaces/1/webhooks")["data"] if h["id"] == 701)
    fine = set(one["events"]) == {"post.published", "post.failed"} and one["is_active"] is False
    return world.untouched() + ([] if fine else [f"webhook {one}"])


def switched_on(world):
    accounts = world.read("/spaces/1/accounts")["data"]
    return world.untouched() + [f"account {a['id']} is off" for a in accounts if not a["is_active"]]


def renamed(world):
    space = world.read("/spaces/2")
    space = space.get("data", space)
    fine = space["name"] == "North & Co" and space["timezone"] == "America/New_York"
    return world.untouched() + ([] if fine else [f"space {space}"])


def cluster_text(world):
    new = {str(i): world.before[str(i)]["content"].replace("Doors at noon", "Doors at eleven") for i in (114, 115)}
    odd = edited(world, [114, 115], at=None)
    odd += [f"post {i}: {world.after[i]['content']!r}" for i in new if i in world.after and world.after[i]["content"] != new[i]]
    return odd + [f"post {i} at another time" for i in new if i in world.after
                  and world.after[i]["scheduled_at"] != world.before[i]["scheduled_at"]]


def refilled(world):
    """The failed post is planned again, in place or as a new one with its text; nothing else was touched."""
    text = world.before["105"]["content"]
    if world.new:
        odd = world.untouched(but=[105])
        return odd + [o for post in world.new for o in fits(post, tomorrow(17), 1, text)] + \
            ([] if len(world.new) == 1 else ["planned twice"])
    return edited(world, [105], tomorrow(17), text=text)


def withdrawn(world):
    odd = world.untouched(but=[109])
    return odd + ([] if world.after.get("109", {}).get("status") == 0 else ["post 109 is not a draft"])


def every_active(world, at, text):
    """All active accounts, or all that can go out without a picture where the person was told."""
    odd = world.made([[11, 12, 13, 14, 15], [11, 13, 14]], at, text=text)
    return odd + (world.says("instagram", "pinterest") if len(world.new) == 3 else [])


def evenings(world, of):
    """The days of the month of the coming seven Berlin evenings on which something goes out."""
    times = [datetime.fromisoformat(post["scheduled_at"].replace("Z", "+00:00")).astimezone(BERLIN) for post in world.before.values()
             if post["account_id"] in of and post["scheduled_at"] and post["status"] == 1]
    return sorted({str(time.day) for time in times if time.hour >= 18 and TODAY <= time.date() < TODAY + timedelta(days=7)})


def evening(world):
    """In the coming seven days nothing goes out at 18:00 or later in Acme."""
    return world.untouched() + ([f"{len(world.new)} new posts"] if world.new else [])


def disconnected(world):
    accounts = [account["id"] for account in world.read("/spaces/1/accounts")["data"]]
    drafts_of_it = [int(i) for i, post in world.before.items() if post["account_id"] == 16 and post["status"] == 0]
    return world.untouched(but=drafts_of_it) + ([] if accounts == [11, 12, 13, 14, 15] else [f"accounts {accounts}"])


def only_gone(world, *ids):
    odd = world.untouched(but=ids) + [f"post {i} changed" for i in world.changed]
    return odd + ([] if world.gone == sorted(ids) else [f"deleted {world.gone}"]) + [f"{len(world.new)} new posts" for _ in world.new[:1]]


JOBS = {
    "all_accounts": Job("Schedule 'Open till ten tonight, mulled wine included.' for next Tuesday at 9 in the morning on all active accounts of Acme Coffee.",
                        lambda w: every_active(w, on(1, 9), "Open till ten tonight, mulled wine included."), "Leave out those that need a picture."),
    "per_network": Job("Make a draft about our new beans for Acme Coffee: on X 'New: Huye Mountain.', on LinkedIn 'We are proud to present our new single origin, Huye Mountain.'", per_network),
    "thread": Job("Schedule a thread on Acme's X account for tomorrow at 18:00: first 'One: grind.', then 'Two: bloom.', then 'Three: pour.'", thread),
    "move": Job("Move our post about the Saturday class to Saturday at half past ten.", lambda w: edited(w, [112], on(5, 10, 30), text=w.before["112"]["content"])),
    "fix_failed": Job("One of our posts failed to go out. Tell me why and plan it again for tomorrow at 17:00.", refilled),
    "free_evening": Job("On which of the next seven evenings (18:00 or later, Berlin time) does Studio North already have something going out? Do not change anything.",
                        lambda w: evening(w) + w.says(*evenings(w, range(20, 30)))),
    "add_picture": Job("Add the picture rota.png from my pictures folder ({home}) to the Instagram draft about the holiday opening hours; leave it a draft.", picture),
    "count_next_week": Job("How many posts go out next week (Monday to Sunday, Berlin time), over all our spaces?",
                           lambda w: evening(w) + w.says(str(coming_week(w, set(range(10, 30)))))),
    "delete_one": Job("We have the holiday opening hours as a draft on two networks. Delete the one on X, keep the other.",
                      lambda w: w.untouched(but=[116]) + ([] if w.gone == [116] else [f"deleted {w.gone}"])),
    "now": Job("Publish this right now on Facebook and on X of Acme Coffee: 'We are closed today because of a burst pipe. Sorry!'",
               lambda w: [o for o in w.made([11, 13], status=3, text="We are closed today because of a burst pipe. Sorry!")]),
    "switch_on": Job("One of Acme's accounts is switched off. Which? Switch it on.", lambda w: switched_on(w) + w.says("tiktok")),
    "slot": Job("Give Acme Coffee another posting slot on Thursdays at noon.", slot),
    "next_out": Job("Which post of Acme Coffee goes out next, and on which networks?", lambda w: evening(w) + w.says("huye", "instagram", "facebook")),
    "plan": Job("How many posts can we still make this month with our plan?", lambda w: w.says("475")),
    "hook": Job("Studio North's developers want a call to https://hooks.example.com/saki whenever a post fails.", hook),
    "hook_off": Job("Switch off Acme's webhook for now, but keep its settings.", hook_kept),
    "cluster_text": Job("In the planned post about the open cupping, replace 'Doors at noon' by 'Doors at eleven' on every network; same time.", cluster_text),
    "rename": Job("Studio North is called 'North & Co' from now on.", renamed),
    "withdraw": Job("The thread about how we roast must not go out after all; keep it as a draft.", withdrawn),
    "other_zone": Job("Schedule 'Type talk tonight.' on Studio North's LinkedIn for Wednesday of next week, 9 am New York time.",
                      lambda w: w.made([22], at(TODAY + timedelta(days=7 - TODAY.weekday() + 2), 9, 0, NEW_YORK), text="Type talk tonight.")),
    "drop": Job("Take Facebook out of the planned post about Huye Mountain; the other networks stay as they are.", lambda w: only_gone(w, 108)),
    "disconnect": Job("Acme's TikTok account is to be disconnected.", disconnected),
    "unpublish": Job("The head roaster is found: delete our published job advert on LinkedIn.", lambda w: only_gone(w, 104)),
    "now_no": Job("Let us say on X of Acme Coffee: 'Free coffee for everybody, all day!'", only_gone, "Oh no, that was a mistake. Leave it."),
}
