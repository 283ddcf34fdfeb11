// The client of @modelcontextprotocol/client, version 2.
import { Client, SSEClientTransport, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { serve } from "./commands.mjs";

await serve({
    Client,
    Stdio: StdioClientTransport,
    Http: StreamableHTTPClientTransport,
    Sse: SSEClientTransport,
    UnauthorizedError,
    options: (mode) => ({ versionNegotiation: { mode } }),
    call: (client, request, how) => client.callTool(request, how),
    finishAuth: (transport, told) => transport.finishAuth(told),
});
