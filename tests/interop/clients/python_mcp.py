"""The client of the Python package mcp."""

import asyncio
import contextlib

import commands
from mcp import Client, StdioServerParameters
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import OAuthClientMetadata


class Storage:
    """Keeps tokens and the registration in memory."""

    def __init__(self):
        self.tokens = self.registration = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.registration

    async def set_client_info(self, registration):
        self.registration = registration


def oauth(address):
    told = {}

    async def redirect(address):
        told.update(await commands.log_in(address))

    async def callback():
        return AuthorizationCodeResult(code=told["code"], state=told["state"], iss=told.get("iss"))

    metadata = OAuthClientMetadata(
        redirect_uris=["http://127.0.0.1:1/callback"], client_name="test", token_endpoint_auth_method="none"
    )
    return OAuthClientProvider(address, metadata, Storage(), redirect, callback)


class Connected:
    def __init__(self, client):
        self.client = client

    def version(self):
        return self.client.protocol_version

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    def call(self, tool, arguments, on_progress):
        return self.client.call_tool(tool, arguments, progress_callback=on_progress)


@contextlib.asynccontextmanager
async def connected(target):
    async with contextlib.AsyncExitStack() as stack:
        if command := target.get("command"):
            transport = StdioServerParameters(command=command[0], args=command[1:], env=target["environment"])
        else:
            auth = oauth(target["url"]) if target["login"] else None
            if target["transport"] == "/sse":
                transport = sse_client(target["url"], headers=target["headers"], auth=auth)
            else:
                http = await stack.enter_async_context(create_mcp_http_client(headers=target["headers"], auth=auth))
                transport = streamable_http_client(target["url"], http_client=http)
        yield Connected(await stack.enter_async_context(Client(transport, mode=target["era"])))


asyncio.run(commands.serve(connected))
