// A server with the official TypeScript SDK: each endpoint of openapi.json as a tool. `stdio`, or `http PORT`.
//
// Written to be quick: the low-level Server without Zod, Node's own fetch with its connection pool,
// JSON answers instead of streams, no sessions.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const { SAKI_BASE_URL, SAKI_API_KEY, OPENAPI } = process.env;
const { paths } = JSON.parse(readFileSync(OPENAPI));

const operations = new Map();
for (const [path, methods] of Object.entries(paths)) {
  for (const [method, { operationId, summary, parameters, requestBody }] of Object.entries(methods)) {
    const body = requestBody?.content["application/json"].schema;
    const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
    const required = parameters.filter((one) => one.required).map((one) => one.name);
    const query = parameters.filter((one) => one.in === "query").map((one) => one.name);
    const inputSchema = {
      type: "object",
      properties: { ...properties, ...body?.properties },
      required: [...required, ...(body?.required ?? [])],
    };
    operations.set(operationId, { method: method.toUpperCase(), path, summary, query, body, inputSchema });
  }
}
const tools = [...operations].map(([name, { summary, inputSchema }]) => ({ name, description: summary, inputSchema }));

async function call({ params: { name, arguments: given = {} } }) {
  const operation = operations.get(name);
  if (!operation) throw new Error(`unknown tool ${name}`);
  const path = operation.path.replace(/{(\w+)}/g, (_, parameter) => encodeURIComponent(given[parameter]));
  const query = new URLSearchParams();
  for (const parameter of operation.query) {
    if (given[parameter] !== undefined) query.set(parameter, given[parameter]);
  }
  const headers = { Authorization: `Bearer ${SAKI_API_KEY}`, Accept: "application/json" };
  let body;
  if (operation.body) {
    headers["Content-Type"] = "application/json";
    const fields = Object.keys(operation.body.properties).filter((field) => field in given);
    body = JSON.stringify(Object.fromEntries(fields.map((field) => [field, given[field]])));
  }
  const address = `${SAKI_BASE_URL}${path}${query.size ? `?${query}` : ""}`;
  const reply = await fetch(address, { method: operation.method, headers, body });
  const text = await reply.text();
  if (!reply.ok) return { isError: true, content: [{ type: "text", text: `${reply.status}: ${text}` }] };
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) };
}

function server() {
  const server = new Server({ name: "typescript", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, call);
  return server;
}

const [transport, port] = process.argv.slice(2);
if (transport === "stdio") {
  await server().connect(new StdioServerTransport());
} else {
  // The SDK allows one server and one transport per request where there are no sessions.
  const answer = async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    await server().connect(transport);
    await transport.handleRequest(request, response);
  };
  createServer(answer).listen(Number(port), "127.0.0.1");
}
