"""Writes identity.toml into the two files that cannot read it: `repository` in Cargo.toml and the mcp-name line of the README.
Needs Python 3.11. With --check it changes nothing and fails if one of them differs.
"""

import re
import sys

from project import ROOT, VALUES

LINES = [
    ("Cargo.toml", r'^repository = ".*"$', f'repository = "{VALUES["repository"]}"'),
    # The MCP registry looks for this in the README of the crate, where it has to be visible.
    ("README.md", r"^mcp-name: \S+$", f"mcp-name: {VALUES['registry_name']}"),
]


def main():
    check = sys.argv[1:] == ["--check"]
    for name, pattern, line in LINES:
        path = ROOT / name
        before = path.read_text()
        after, found = re.subn(pattern, line, before, flags=re.MULTILINE)
        if found != 1:
            sys.exit(f"{name} has {found} lines like {pattern}; one is needed: {line}")
        if check and after != before:
            sys.exit(f"{name} differs from packaging/identity.toml. Run python3 packaging/apply_identity.py")
        if after != before:
            path.write_text(after)


main()
