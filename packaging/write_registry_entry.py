"""Writes server.json, the entry in the MCP registry, beside the packed bundle that it names: write_registry_entry.py OUT
Needs Python 3.11, and the bundle in OUT.
"""

import hashlib
import json
import sys

from project import NAME, VALUES, asset_url, paths_from_arguments

STDIO = {"type": "stdio"}
VARIABLES = [
    {
        "name": "SAKI_API_KEY",
        "description": "API key, from Settings > API in Saki. Only the sandbox needs none.",
        "isRequired": False,
        "isSecret": True,
    },
    {
        "name": "SAKI_SANDBOX",
        "description": "Use a simulated Saki in memory: no account, no key, and nothing is published.",
        "format": "boolean",
        "default": "false",
    },
    {"name": "SAKI_TIMEZONE", "description": "Time zone of times without one, such as Europe/Berlin."},
    {
        "name": "SAKI_MODE",
        "description": "How much may be changed.",
        "choices": ["full", "drafts-only", "read-only"],
        "default": "full",
    },
]


def package(kind, identifier, **fields):
    return {"registryType": kind, "identifier": identifier, **fields, "transport": STDIO, "environmentVariables": VARIABLES}


def main():
    (out,) = paths_from_arguments("OUT")
    version = VALUES["version"]
    bundle = out / f"{NAME}-v{version}.mcpb"
    if not bundle.is_file():
        sys.exit(f"no bundle at {bundle}. Pack it with packaging/package_bundle.py")
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    entry = {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": VALUES["registry_name"],
        "title": "Saki",
        "description": "Plan, schedule, check and repair social-media posts with Saki.",
        "version": version,
        "repository": {"url": VALUES["repository"], "source": "github"},
        "packages": [
            package("npm", VALUES["npm_package"], version=version),
            # The registry refuses a version beside a bundle or an image: their address holds it.
            package("mcpb", asset_url(bundle.name), fileSha256=digest),
            package("oci", f"{VALUES['image']}:{version}"),
            package("cargo", NAME, version=version),
        ],
    }
    (out / "server.json").write_text(json.dumps(entry, indent=2) + "\n")
    print("server.json")


main()
