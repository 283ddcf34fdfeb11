"""Packs everything and checks it: run.py BINARY-OR-BINARIES WORK TOOLS
Needs Python 3.11 on Linux x86-64, npm, cargo and the tools of install_tools.sh. Given one binary, it uses stand-ins for the other platforms.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

given, work, tools = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
os.environ |= {"PACKAGING_WORK": str(work), "PACKAGING_TOOLS": str(tools)}

from stage import BINARIES, NPM, OUT, ROOT, project  # noqa: E402


def stage():
    shutil.rmtree(work, ignore_errors=True)
    if given.is_dir():
        shutil.copytree(given, BINARIES)
        return
    for target in project.TARGETS:
        path = target.binary(BINARIES)
        path.parent.mkdir(parents=True)
        if target is project.HOST:
            shutil.copy(given, path)
        else:
            path.write_text(f"stand-in for {target.triple}\n")


def script(name, *arguments):
    subprocess.run([sys.executable, ROOT / "packaging" / name, *arguments], check=True)


def main():
    stage()
    script("package_archives.py", BINARIES, OUT)
    script("write_sboms.py", OUT)
    script("package_bundle.py", BINARIES, OUT, tools / "node_modules/.bin/mcpb")
    script("write_registry_entry.py", OUT)
    script("write_checksums.py", OUT)
    script("package_npm.py", BINARIES, NPM)
    suite = unittest.defaultTestLoader.discover(pathlib.Path(__file__).parent, "check_*.py")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"packages: {result.testsRun - failed} passed, {failed} failed")
    return failed or not result.testsRun


sys.exit(1 if main() else 0)
