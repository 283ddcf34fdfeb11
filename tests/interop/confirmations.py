"""Tests confirmations with the Python MCP client: over stdio, /mcp without and with sessions, and /sse, in both protocol
eras, with and without elicitation. The log of a sandbox shows what reached Saki.

--patient also tests the expiry after ten minutes, and takes that long.
"""

import asyncio
import contextlib
import itertools
import json
import os
import sys
import urllib.request

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.types import ElicitResult

from server import over_http, process

BINARY = sys.argv[1]
PATIENT = "--patient" in sys.argv
TEN_MINUTES = 601

YES = ElicitResult(action="accept", content={"confirm": True})
NOT_YES = {
    "declined": ElicitResult(action="decline"),
    "cancelled": ElicitResult(action="cancel"),
    "not ticked": ElicitResult(action="accept", content={"confirm": False}),
}


class Sandbox:
    """A sandbox with drafts to publish, and its request log."""

    def __init__(self, address):
        self.address = address

    def ask(self, method, path, body=None):
        headers = {"Authorization": "Bearer any", "Accept": "application/json", "Content-Type": "application/json"}
        body = body and json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def draft(self, content):
        item = {"account_id": 11, "social": "twitter", "main": {"content": content, "media": []}, "children": []}
        made = self.ask("POST", "/api/spaces/1/posts", {"space_id": 1, "at": None, "is_draft": True, "items": [item]})
        return made["data"][0]["id"]

    def rewrite(self, post):
        self.ask("PUT", f"/api/spaces/1/posts/{post}", {"content": "Somebody else wrote this."})

    def published(self, post):
        """How many requests published the post."""
        sent = [logged for logged in self.ask("GET", "/_sandbox/log") if logged["path"].endswith(f"/posts/{post}")]
        return sum(1 for logged in sent if logged["method"] == "PUT" and logged["body"].get("status") == 2)


class Person:
    """Gives prepared answers. A function is called first and then counts as yes."""

    def __init__(self):
        self.answers, self.questions = [], []

    async def answer(self, _, params):
        self.questions.append(params.message)
        answer = self.answers.pop(0)
        if callable(answer):
            await answer()
            return YES
        return answer


def publish(post):
    return {"space_id": 1, "post_id": post, "status": 2}


async def call(client, post, confirmed_by=None, answer=YES, **more):
    """Calls once. Returns the outcome (done, asked or an error text) and the token that confirms the call."""
    arguments, options = publish(post) | more, {}
    if isinstance(confirmed_by, tuple):
        options = {"request_state": confirmed_by[0], "input_responses": {"confirm": answer}}
    elif confirmed_by:
        arguments["confirmation"] = confirmed_by
    result = await client.session.call_tool("update_post", arguments, allow_input_required=True, **options)
    if getattr(result, "input_requests", None):
        return "asked", (result.request_state,)
    if result.is_error:
        return result.content[0].text, None
    if result.structured_content["outcome"] == "confirmation_needed":
        return "asked", result.structured_content["confirmation"]
    return result.structured_content["outcome"], None


def expect(what, found, wanted):
    if wanted not in str(found):
        raise RuntimeError(f"{what}: {wanted!r} expected, got {found!r}")


def altered(confirmation):
    text = confirmation[0] if isinstance(confirmation, tuple) else confirmation
    text = text[:-2] + ("A" if text[-2] not in "Aa" else "B") + text[-1]
    return (text,) if isinstance(confirmation, tuple) else text


async def by_second_call(client, other, sandbox, is_person):
    """The answer comes with a second call: the client keeps the token (a person answers), or the model passes it on."""

    async def asked(content, client=client):
        post = sandbox.draft(content)
        outcome, confirmation = await call(client, post)
        expect(content, outcome, "asked")
        expect(content, isinstance(confirmation, tuple), str(is_person))
        return post, confirmation

    post, confirmation = await asked("accepted")
    expect("accepted", (await call(client, post, confirmation))[0], "done")
    expect("replayed", (await call(client, post, confirmation))[0], "used before")
    expect("accepted and replayed", sandbox.published(post), "1")

    post, confirmation = await asked("altered")
    expect("altered", (await call(client, post, altered(confirmation)))[0], "asked")
    expect("other arguments", (await call(client, post, confirmation, content="Other"))[0], "asked")
    neighbour, _ = await asked("of another call")
    expect("of another call", (await call(client, neighbour, confirmation))[0], "asked")
    expect("altered or of another call", sandbox.published(post) + sandbox.published(neighbour), "0")
    expect("after all that", (await call(client, post, confirmation))[0], "done")

    post, confirmation = await asked("at another server, with another key", other)
    expect("at another server, with another key", (await call(client, post, confirmation))[0], "asked")
    expect("at another server, with another key", sandbox.published(post), "0")

    post, confirmation = await asked("in a changed world")
    sandbox.rewrite(post)
    outcome, fresh = await call(client, post, confirmation)
    expect("in a changed world", outcome, "asked")
    expect("in a changed world", sandbox.published(post), "0")
    expect("as it is now", (await call(client, post, fresh))[0], "done")

    for name, answer in NOT_YES.items() if is_person else ():
        post, confirmation = await asked(name)
        expect(name, (await call(client, post, confirmation, answer))[0], "Nothing was sent. Leave it at that")
        expect(f"{name}, then yes", (await call(client, post, confirmation))[0], "used before")
        expect(name, sandbox.published(post), "0")

    if PATIENT:
        post, confirmation = await asked("expired")
        await asyncio.sleep(TEN_MINUTES)
        outcome = (await call(client, post, confirmation))[0]
        expect("expired", outcome, "did not answer within ten minutes" if is_person else "asked")
        expect("expired", sandbox.published(post), "0")


async def in_the_call(client, person, sandbox):
    """The person is asked during the call (elicitation)."""
    post = sandbox.draft("accepted")
    person.answers = [YES]
    expect("accepted", (await call(client, post))[0], "done")
    expect("accepted", sandbox.published(post), "1")

    for name, answer in NOT_YES.items():
        post = sandbox.draft(name)
        person.answers = [answer]
        expect(name, (await call(client, post))[0], "Nothing was sent. Leave it at that")
        expect(name, sandbox.published(post), "0")

    async def change():
        sandbox.rewrite(post)

    post = sandbox.draft("in a changed world")
    person.answers = [change, YES]
    expect("in a changed world", (await call(client, post))[0], "done")
    expect("the second question", person.questions[-1], "It has changed since the last question.")
    expect("the second question", person.questions[-1], "Somebody else wrote this.")
    expect("in a changed world", sandbox.published(post), "1")

    if PATIENT:
        post = sandbox.draft("timed out")
        person.answers = [lambda: asyncio.sleep(TEN_MINUTES + 5)]
        expect("timed out", (await call(client, post))[0], "did not answer within ten minutes")
        await asyncio.sleep(10)
        expect("timed out", sandbox.published(post), "0")


@contextlib.asynccontextmanager
async def connected(transport, mode, person, api, key):
    options = ["--base-url", api + "/api"]
    environment = {"PATH": os.environ["PATH"], "SAKI_API_KEY": key}
    more = {"elicitation_callback": person.answer} if person else {}
    with contextlib.ExitStack() as stack:
        if transport == "stdio":
            target = StdioServerParameters(command=BINARY, args=options, env=environment)
        else:
            if transport == "session":
                environment["SAKI_SESSIONS"] = "1"
            target = stack.enter_context(over_http(BINARY, options, environment))
            target = sse_client(target + "/sse") if transport == "/sse" else target + "/mcp"
        async with Client(target, mode=mode, read_timeout_seconds=2 * TEN_MINUTES, **more) as client:
            await client.list_tools()
            yield client


async def run(transport, mode, has_person):
    person = Person() if has_person else None
    # Before 2026-07-28 no client can be asked over /mcp without a session.
    can_be_asked = has_person and (transport, mode) != ("/mcp", "legacy")
    with process([BINARY, "sandbox", "--bind", "127.0.0.1:0"]) as api:
        async with (
            connected(transport, mode, person, api, "one-key") as client,
            connected(transport, mode, person, api, "another-key") as other,
        ):
            if can_be_asked and mode == "legacy":
                await in_the_call(client, person, Sandbox(api))
                return "asked in the call"
            await by_second_call(client, other, Sandbox(api), can_be_asked)
            return "asked by a result" if can_be_asked else "confirmed by a second call"


async def report(transport, mode, has_person):
    asks = "a person" if has_person else "nobody"
    try:
        print(f"ok     {transport:7} {mode:6} {asks:8} {await run(transport, mode, has_person)}", flush=True)
        return True
    except Exception as error:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        print(f"FAILED {transport:7} {mode:6} {asks:8} {type(error).__name__}: {error}", flush=True)
        return False


async def main():
    runs = itertools.product(("stdio", "/mcp", "session", "/sse"), ("legacy", "auto"), (True, False))
    passed = await asyncio.gather(*(report(*combination) for combination in runs))
    print(f"confirmations: {sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return not all(passed)


sys.exit(asyncio.run(main()))
