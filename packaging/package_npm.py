"""Packs the npm packages: one with the launcher, and one per platform with its binary: package_npm.py BINARIES OUT
Needs Python 3.11 and npm. There are no install scripts: npm installs the one package whose `os` and `cpu` fit.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from project import NAME, ROOT, TARGETS, VALUES, paths_from_arguments, require_binaries


def package_name(target):
    return f"{VALUES['npm_scope']}/{NAME}-{target.platform}"


def fields(name, description):
    return {
        "name": name,
        "version": VALUES["version"],
        "description": description,
        "license": VALUES["license"],
        "author": VALUES["author"],
        "repository": {"type": "git", "url": f"git+{VALUES['repository']}.git"},
    }


def pack(package, files, out):
    """`files` are pairs of a source and its path in the package, and all are packed."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for source, inside in files:
            (folder / inside).parent.mkdir(exist_ok=True)
            copy = shutil.copy(source, folder / inside)
            os.chmod(copy, 0o755 if inside.startswith("bin/") else 0o644)
        (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
        command = ["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", out]
        subprocess.run(command, cwd=folder, check=True)


def main():
    binaries, out = paths_from_arguments("BINARIES OUT")
    os.makedirs(out, exist_ok=True)
    license_file = (ROOT / "LICENSE", "LICENSE")
    for target, binary in require_binaries(binaries):
        package = fields(package_name(target), f"The binary of {NAME} for {target.os} on {target.cpu}.")
        # Windows on ARM runs programs for x64.
        cpus = ["x64", "arm64"] if target.os == "win32" else [target.cpu]
        program = f"bin/{target.program}"
        package |= {"os": [target.os], "cpu": cpus, "files": [program], "preferUnplugged": True}
        pack(package, [(binary, program), license_file], out)
    package = fields(VALUES["npm_package"], VALUES["description"])
    package |= {
        "keywords": ["mcp", "saki", "social-media", "scheduler"],
        # The MCP registry compares it with the name in server.json.
        "mcpName": VALUES["registry_name"],
        "bin": {NAME: "bin/launcher.js"},
        "files": ["bin/launcher.js"],
        "engines": {"node": ">=18"},
        "optionalDependencies": {package_name(target): VALUES["version"] for target in TARGETS},
    }
    launcher = (ROOT / "packaging/npm/launcher.js", "bin/launcher.js")
    pack(package, [launcher, (ROOT / "README.md", "README.md"), license_file], out)


main()
