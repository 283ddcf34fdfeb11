"""What every packaging script needs: identity.toml, the version and description of Cargo.toml, and the targets.
Needs Python 3.11. `python3 packaging/project.py NAME` prints one value; the names are the keys of VALUES.
"""

import dataclasses
import json
import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "saki-mcp"


@dataclasses.dataclass(frozen=True)
class Target:
    """A platform for which a binary is packaged. `os` and `cpu` are the words of Node.js."""

    triple: str
    os: str
    cpu: str
    # The machine that builds it in the release workflow.
    runner: str

    @property
    def platform(self):
        return f"{self.os}-{self.cpu}"

    @property
    def program(self):
        return f"{NAME}.exe" if self.os == "win32" else NAME

    def binary(self, binaries):
        return pathlib.Path(binaries) / self.triple / self.program


TARGETS = [
    Target("x86_64-unknown-linux-musl", "linux", "x64", "ubuntu-24.04"),
    Target("aarch64-unknown-linux-musl", "linux", "arm64", "ubuntu-24.04-arm"),
    Target("x86_64-apple-darwin", "darwin", "x64", "macos-15-intel"),
    Target("aarch64-apple-darwin", "darwin", "arm64", "macos-15"),
    Target("x86_64-pc-windows-msvc", "win32", "x64", "windows-2025"),
]
# The one whose binary describes the tools. The packaging scripts run on this platform.
HOST = TARGETS[0]


def read_values():
    package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    identity = tomllib.loads((ROOT / "packaging/identity.toml").read_text())
    values = {key: value.format(owner=identity["owner"]) for key, value in identity.items()}
    # npm and registries of images allow no capitals, where the account may have some.
    values |= {key: values[key].lower() for key in ("npm_scope", "image")}
    matrix = [{"target": target.triple, "runner": target.runner} for target in TARGETS]
    return values | {
        "version": package["version"],
        "description": package["description"],
        "license": package["license"],
        "matrix": json.dumps(matrix),
    }


VALUES = read_values()


def asset(target, ending):
    """The name of a release asset for one target."""
    return f"{NAME}-v{VALUES['version']}-{target.triple}.{ending}"


def asset_url(name):
    return f"{VALUES['repository']}/releases/download/v{VALUES['version']}/{name}"


def require_binaries(binaries):
    """Every target with its binary. A package that lacks one would be silent about it."""
    missing = [str(target.binary(binaries)) for target in TARGETS if not target.binary(binaries).is_file()]
    if missing:
        sys.exit(f"no binary at {', '.join(missing)}. Build it with packaging/build_binary.sh")
    return [(target, target.binary(binaries)) for target in TARGETS]


def paths_from_arguments(usage):
    """The paths that a script was called with, as many as its usage names."""
    if len(sys.argv) - 1 != len(usage.split()):
        sys.exit(f"usage: {pathlib.Path(sys.argv[0]).name} {usage}")
    return [pathlib.Path(argument).resolve() for argument in sys.argv[1:]]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in VALUES:
        sys.exit(f"usage: project.py {'|'.join(VALUES)}")
    print(VALUES[sys.argv[1]])
