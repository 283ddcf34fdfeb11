"""Calls every tool of a saki-mcp binary with the Python MCP client: over stdio, /mcp and /sse, in both protocol eras,
with a person who can be asked and without one.

The client checks each structured result against the tool's output schema; jsonschema checks it once more.
"""

import asyncio
import itertools
import json
import pathlib
import sys

import jsonschema
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.types import ElicitResult

from server import over_http

BINARY = sys.argv[1]
CALLS = json.loads(pathlib.Path(__file__).with_name("calls.json").read_text())


class Person:
    """Says no to each question once, then yes."""

    def __init__(self):
        self.asked = []

    async def answer(self, context, params):
        self.asked.append(params.message)
        if self.asked.count(params.message) % 2:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={name: True for name in params.requested_schema["required"]})


async def confirmed(client, name, arguments, person, can_be_asked):
    """A call that has to be confirmed: by the person, or by a second call where nobody can be asked."""
    before = len(person.asked)
    result = await client.call_tool(name, arguments)
    if can_be_asked:
        if not result.is_error or "said no" not in result.content[0].text:
            raise RuntimeError(f"{name} {arguments}: a no expected, got {result.content[0].text}")
        result = await client.call_tool(name, arguments)
        if len(person.asked) != before + 2:
            raise RuntimeError(f"{name} {arguments}: asked {person.asked[before:]}")
        return result
    needed = result.structured_content
    if result.is_error or needed["outcome"] != "confirmation_needed" or len(person.asked) != before:
        raise RuntimeError(f"{name} {arguments}: a token expected, got {result.content[0].text}")
    return await client.call_tool(name, arguments | {"confirmation": needed["confirmation"]})


async def run(target, mode, transport, person):
    called = {True: set(), False: set()}
    options = {"elicitation_callback": person.answer} if person else {}
    # Before 2026-07-28 no client can be asked over /mcp without a session.
    can_be_asked = bool(person) and (transport, mode) != ("/mcp", "legacy")
    async with Client(target, mode=mode, read_timeout_seconds=30, **options) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name, arguments, *traits in CALLS:
            fails = "fails" in traits
            if "asks" in traits:
                result = await confirmed(client, name, arguments, person or Person(), can_be_asked)
                if not result.is_error and result.structured_content["outcome"] != "done":
                    raise RuntimeError(f"{name} {arguments}: not done: {result.structured_content}")
            else:
                result = await client.call_tool(name, arguments)
            text = result.content[0].text
            if result.is_error != fails:
                raise RuntimeError(f"{name} {arguments}: {'failure' if fails else 'success'} expected, got {text}")
            if not fails:
                jsonschema.validate(result.structured_content, tools[name].output_schema)
                if json.loads(text) != result.structured_content:
                    raise RuntimeError(f"{name}: text and structured content differ")
            called[fails].add(name)
        # A read without parameters ignores every argument, so no call of it is wrong.
        can_fail = {name for name, tool in tools.items() if tool.input_schema.get("properties")}
        for kind, names in called.items():
            if missing := (can_fail if kind else tools.keys()) - names:
                raise RuntimeError(f"no {'failing' if kind else 'succeeding'} call of {missing}")
        return client.protocol_version, len(tools)


async def main():
    passed, failed = 0, 0
    runs = itertools.product(("stdio", "/mcp", "/sse"), ("legacy", "auto"), (True, False))
    for transport, mode, person in runs:
        asks = "a person" if person else "nobody"
        person = Person() if person else None
        try:
            if transport == "stdio":
                target = StdioServerParameters(command=BINARY, args=["--sandbox"])
                version, tools = await run(target, mode, transport, person)
            else:
                with over_http(BINARY) as address:
                    target = address + transport
                    target = sse_client(target) if transport == "/sse" else target
                    version, tools = await run(target, mode, transport, person)
            passed += 1
            print(f"ok     {transport:5} {mode:6} {asks:8} ended on {version}: {tools} tools, {len(CALLS)} calls", flush=True)
        except Exception as error:
            failed += 1
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            print(f"FAILED {transport:5} {mode:6} {asks:8} {type(error).__name__}: {error}", flush=True)
    print(f"python client: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if asyncio.run(main()) else 0)
