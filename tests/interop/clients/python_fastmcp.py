"""The client of the Python package fastmcp."""

import asyncio
import contextlib
import os

import commands
from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport


class Connected:
    def __init__(self, client):
        self.client = client

    def version(self):
        return self.client.session.protocol_version

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    def call(self, tool, arguments, on_progress):
        return self.client.call_tool_mcp(tool, arguments, progress_handler=on_progress)


@contextlib.asynccontextmanager
async def connected(target):
    if command := target.get("command"):
        transport = StdioTransport(command[0], command[1:], env=target["environment"])
    else:
        kind = SSETransport if target["transport"] == "/sse" else StreamableHttpTransport
        # It opens the browser itself and listens for the callback only then, so it must not wait for the browser.
        os.environ["BROWSER"] = os.environ["BROWSER"] + " %s &"
        transport = kind(target["url"], headers=target["headers"], auth="oauth" if target["login"] else None)
    async with Client(transport, mode=target["era"]) as client:
        yield Connected(client)


asyncio.run(commands.serve(connected))
