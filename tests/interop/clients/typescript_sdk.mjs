// The client of @modelcontextprotocol/sdk, version 1.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { serve } from "./commands.mjs";

await serve({
    Client,
    Stdio: StdioClientTransport,
    Http: StreamableHTTPClientTransport,
    Sse: SSEClientTransport,
    UnauthorizedError,
    options: () => ({}),
    call: (client, request, how) => client.callTool(request, undefined, how),
    finishAuth: (transport, told) => transport.finishAuth(told.get("code")),
});
