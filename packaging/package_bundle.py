"""Fills the bundle's manifest, and packs the bundle (MCPB) for all platforms: package_bundle.py BINARIES OUT MCPB
Needs Python 3.11 and MCPB, the command of the npm package @anthropic-ai/mcpb; install_tools.sh installs it.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import pathlib

from project import HOST, NAME, ROOT, TARGETS, VALUES, paths_from_arguments, require_binaries

SOURCES = ROOT / "packaging/bundle"


def tools(binaries):
    """The tools as the binary lists them, each with the first sentence of its description."""
    command = [HOST.binary(binaries), "tools", "--format", "json"]
    listed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [{"name": tool["name"], "description": first_sentence(tool["description"])} for tool in listed]


def first_sentence(text):
    return re.split(r"(?<!e\.g)\. (?=[A-Z`])", text)[0].rstrip(".") + "."


def manifest(binaries):
    text = (SOURCES / "manifest.template.json").read_text()
    for key, value in VALUES.items():
        text = text.replace(f"@{key}@", json.dumps(value)[1:-1])
    filled = json.loads(text)
    if VALUES["privacy_policy"]:
        filled["privacy_policies"] = [VALUES["privacy_policy"]]
    filled["tools"] = tools(binaries)
    filled["compatibility"] = {"platforms": sorted({target.os for target in TARGETS})}
    return filled


def main():
    binaries, out, mcpb = paths_from_arguments("BINARIES OUT MCPB")
    os.makedirs(out, exist_ok=True)
    packed = out / f"{NAME}-v{VALUES['version']}.mcpb"
    with tempfile.TemporaryDirectory() as folder:
        bundle = pathlib.Path(folder)
        (bundle / "server").mkdir()
        (bundle / "manifest.json").write_text(json.dumps(manifest(binaries), indent=2) + "\n")
        shutil.copy(ROOT / "LICENSE", bundle)
        launcher = shutil.copy(SOURCES / "run.sh", bundle / "server")
        os.chmod(launcher, 0o755)
        for target, binary in require_binaries(binaries):
            ending = binary.suffix
            copy = shutil.copy(binary, bundle / "server" / f"{NAME}-{target.platform}{ending}")
            os.chmod(copy, 0o755)
        # The tool's own signature makes hosts refuse the file, so there is none.
        subprocess.run([mcpb, "validate", bundle / "manifest.json"], check=True)
        subprocess.run([mcpb, "pack", bundle, packed], check=True, stdout=subprocess.DEVNULL)
    print(packed.name)


main()
