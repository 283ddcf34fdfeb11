"""Calls every tool of a saki-mcp binary with the Python MCP client: over stdio, /mcp and /sse, in both protocol eras.

The client checks each structured result against the tool's output schema; jsonschema checks it once more.
"""

import asyncio
import json
import pathlib
import sys

import jsonschema
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client

from server import over_http

BINARY = sys.argv[1]
CALLS = json.loads(pathlib.Path(__file__).with_name("calls.json").read_text())


async def run(target, mode):
    called = {True: set(), False: set()}
    async with Client(target, mode=mode, read_timeout_seconds=30) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name, arguments, *fails in CALLS:
            result = await client.call_tool(name, arguments)
            text = result.content[0].text
            if result.is_error != bool(fails):
                raise RuntimeError(f"{name} {arguments}: {'failure' if fails else 'success'} expected, got {text}")
            if not fails:
                jsonschema.validate(result.structured_content, tools[name].output_schema)
                if json.loads(text) != result.structured_content:
                    raise RuntimeError(f"{name}: text and structured content differ")
            called[bool(fails)].add(name)
        for kind, names in called.items():
            if missing := tools.keys() - names:
                raise RuntimeError(f"no {'failing' if kind else 'succeeding'} call of {missing}")
        return client.protocol_version, len(tools)


async def main():
    passed, failed = 0, 0
    for way in ("stdio", "/mcp", "/sse"):
        for mode in ("legacy", "auto"):
            try:
                if way == "stdio":
                    target = StdioServerParameters(command=BINARY, args=["--sandbox"])
                    version, tools = await run(target, mode)
                else:
                    with over_http(BINARY) as address:
                        target = address + way
                        version, tools = await run(sse_client(target) if way == "/sse" else target, mode)
                passed += 1
                print(f"ok     {way:5} {mode:6} ended on {version}: {tools} tools, {len(CALLS)} calls", flush=True)
            except Exception as error:
                failed += 1
                while isinstance(error, ExceptionGroup):
                    error = error.exceptions[0]
                print(f"FAILED {way:5} {mode:6} {type(error).__name__}: {error}", flush=True)
    print(f"python client: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if asyncio.run(main()) else 0)
