"""A server that FastMCP generates from openapi.json. `stdio`, or `http PORT`.

Started to be quick: one HTTP client with its connection pool, JSON answers instead of streams, no sessions, no access log.
"""

import json
import os
import sys

import httpx2
from fastmcp import FastMCP

with open(os.environ["OPENAPI"]) as file:
    specification = json.load(file)
client = httpx2.AsyncClient(
    base_url=os.environ["SAKI_BASE_URL"],
    headers={"Authorization": f"Bearer {os.environ['SAKI_API_KEY']}"},
)
server = FastMCP.from_openapi(specification, client=client, name="fastmcp")

if sys.argv[1] == "stdio":
    server.run(transport="stdio", show_banner=False)
else:
    server.run(
        transport="http",
        host="127.0.0.1",
        port=int(sys.argv[2]),
        stateless_http=True,
        json_response=True,
        show_banner=False,
        uvicorn_config={"log_level": "warning"},
    )
