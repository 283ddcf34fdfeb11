"""For each client on each system: install into a file full of other things, doctor, the entry started by a foreign MCP
client, and remove, after which the file is what it was: installed_entries.py BINARY [--table]
"""

import asyncio
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import yaml
from mcp import Client, StdioServerParameters

SYSTEMS = ("linux", "macos", "windows", "wsl")
NAME = "saki-sandbox"
TOOLS = 27
OTHERS = {
    "json": '{\r\n\t"numStartups": 12,\r\n\t"%s": {\r\n\t\t"other": { "command": "npx",   "args": ["-y", "x"] }\r\n\t},\r\n\t"big": 12345678901234567890.10\r\n}\r\n',
    "jsonc": '// My settings\n{\n  "theme": "One Dark", // dark\n  /* servers */\n  "%s": {\n    // do not touch\n    "other": {\n      "command": "npx", // mine\n    },\n  },\n  "z": [1,2,\n    3],\n}\n// the end\n',
    "toml": '# Codex\nmodel = "x"  # the best\n\n[%s.other] # mine\ncommand = \'npx\'\nargs = [\n  "-y", # yes\n]\n\n# about the profile\n[profiles."a b"]\nmodel = """\nlong\n"""\n# the end\n',
    "yaml": '# Goose\nGOOSE_MODEL: "x" # the best\n%s:\n  # built in\n  developer:\n    type: builtin\n    enabled: true\n\n  other:\n    cmd: npx\n    args:\n    - -y\n    description: |\n      long\n\n      text\n# behind\nGOOSE_MODE: auto\n',
}
# Clients whose file may have comments.
WITH_COMMENTS = {"vscode", "vscode-insiders", "zed", "gemini", "opencode", "amp"}

# Clients without a file that another program may write.
PRINTED = {"jetbrains"}


class Home:
    """A home directory as another system would lay it out."""

    def __init__(self, folder, system):
        self.folder = pathlib.Path(folder)
        places = {"HOME": "home", "APPDATA": "win/AppData/Roaming", "LOCALAPPDATA": "win/AppData/Local"}
        self.environment = {name: str(self.folder / place) for name, place in places.items()}
        for place in self.environment.values():
            os.makedirs(place, exist_ok=True)
        self.environment |= {"SAKI_INSTALL_PLATFORM": system, "DBUS_SESSION_BUS_ADDRESS": "", "PATH": os.environ["PATH"]}

    def files(self):
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def run(self, *arguments):
        return subprocess.run([BINARY, *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def succeed(self, *arguments):
        ended = self.run(*arguments)
        assert ended.returncode == 0, f"{arguments}: {ended.stderr}"
        return ended.stdout + ended.stderr


def without_comments(text):
    """JSON from JSON with comments and commas at the end."""
    texts_or_comments = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.S)
    text = texts_or_comments.sub(lambda found: found.group(1) or "", text)
    return re.sub(r",(\s*[}\]])", r"\1", text)


def parsed(form, text):
    match form:
        case "toml":
            return tomllib.loads(text)
        case "yaml":
            return yaml.safe_load(text)
        case _:
            return json.loads(without_comments(text))


def servers_of(form, text):
    """The key under which a file has our entry, and the entry."""
    found = [(key, value[NAME]) for key, value in parsed(form, text).items() if isinstance(value, dict) and NAME in value]
    assert len(found) == 1, text
    return found[0]


def command_of(entry):
    words = []
    for field in ("command", "cmd", "args"):
        value = entry.get(field, [])
        words += [value] if isinstance(value, str) else value
    return words


async def count_tools(command, environment):
    async with Client(StdioServerParameters(command=command[0], args=command[1:], env=environment)) as client:
        return len((await client.list_tools()).tools)


def clients():
    said = subprocess.run([BINARY, "install", "--client", "nobody", "--print"], capture_output=True, text=True).stderr
    names = re.findall(r"[a-z][a-z-]+", said[said.index("claude-desktop"):].splitlines()[0])
    return list(dict.fromkeys(names))


def check(client, system):
    """The path of the client's file."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder, system)
        said = home.succeed("install", "--sandbox", "--client", client)
        if client in PRINTED:
            assert not home.files() and f'"{BINARY}"' in said, said
            return "printed, to be pasted"
        (path, written), = home.files().items()
        form = {".toml": "toml", ".yaml": "yaml"}.get(path.suffix, "jsonc" if client in WITH_COMMENTS else "json")
        key, _ = servers_of(form, written.decode())
        path.write_text(OTHERS[form] % key, newline="")
        before = home.files()

        home.succeed("install", "--sandbox", "--client", client)
        key, entry = servers_of(form, path.read_text())
        report = json.loads(home.run("doctor", "--sandbox", "--client", client, "--json").stdout)
        checks = [check for check in report["checks"] if check["subject"] == client]
        command = command_of(entry)
        # Doctor does not start what Windows would start through wsl.exe.
        status = "skipped" if command[0] == "wsl.exe" else "ok"
        assert checks and all(check["status"] == status for check in checks), f"doctor: {checks}"
        command = command[command.index(BINARY):]
        assert asyncio.run(count_tools(command, {"HOME": home.environment["HOME"]})) == TOOLS
        home.succeed("install", "--sandbox", "--remove", "--client", client)
        assert home.files() == before, "the file is not what it was"
        return str(path.relative_to(folder)).replace("win/AppData/Roaming", "%APPDATA%").replace("win/AppData/Local", "%LOCALAPPDATA%")


def main():
    failed, rows = 0, []
    for client in clients():
        paths = []
        for system in SYSTEMS:
            try:
                paths.append(check(client, system))
            except Exception as error:
                failed += 1
                print(f"{client} on {system}: {type(error).__name__}: {error}")
        rows.append(f"| {client} | {' | '.join(paths)} |")
    if "--table" in sys.argv:
        print("| client | " + " | ".join(SYSTEMS) + " |\n|---|---|---|---|---|\n" + "\n".join(rows))
    print(f"installed entries: {len(rows) * len(SYSTEMS) - failed} passed; {failed} failed")
    return failed > 0


BINARY = str(pathlib.Path(sys.argv[1]).resolve())
if __name__ == "__main__":
    sys.exit(main())
