"""Archives, their checksums, and the addresses where cargo binstall looks for them. See stage.py for what it needs."""

import pathlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

from stage import BINARIES, OUT, ROOT, Check, all_tools, project, tool_names

CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]


def contents(path):
    """The mode of each file in an archive."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    with tarfile.open(path) as archive:
        return {entry.name: entry.mode for entry in archive}


def archive(target):
    return OUT / project.asset(target, "zip" if target.os == "win32" else "tar.gz")


def binstall(triple):
    """The archive's name and the program's path in it, as cargo binstall derives them from Cargo.toml."""
    settings = CARGO["metadata"]["binstall"]
    settings = settings | settings["overrides"].get(triple, {})
    ending = ".exe" if "windows" in triple else ""
    values = {
        "repo": CARGO["repository"],
        "name": CARGO["name"],
        "bin": CARGO["name"],
        "version": CARGO["version"],
        "target": triple,
        "binary-ext": ending,
    }
    filled = []
    for key in ("pkg-url", "bin-dir"):
        text = settings[key]
        for name, value in values.items():
            text = text.replace(f"{{ {name} }}", value)
        filled.append(text)
    return *filled, settings["pkg-fmt"]


class Archives(Check):
    def test_each_holds_the_program_the_license_and_the_readme(self):
        for target in project.TARGETS:
            files = contents(archive(target))
            folder = project.asset(target, "").rstrip(".")
            names = [target.program, "README.md", "LICENSE"]
            self.assertEqual(sorted(files), sorted(f"{folder}/{name}" for name in names))
            self.assertEqual(files[f"{folder}/{target.program}"], 0o755)

    def test_an_unpacked_program_lists_its_tools(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["tar", "-xzf", archive(project.HOST), "-C", folder], check=True)
            program = next(pathlib.Path(folder).glob(f"*/{project.NAME}"))
            self.assertEqual(tool_names([program, "--sandbox"]), all_tools())

    def test_packing_again_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, ROOT / "packaging/package_archives.py", BINARIES, folder]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for path in pathlib.Path(folder).iterdir():
                self.assertEqual(path.read_bytes(), (OUT / path.name).read_bytes(), path.name)

    def test_the_checksums_cover_every_asset(self):
        listed = (OUT / "SHA256SUMS").read_text().split()[1::2]
        self.assertEqual(sorted([*listed, "SHA256SUMS"]), sorted(path.name for path in OUT.iterdir()))
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=OUT, check=True)

    def test_cargo_binstall_is_led_to_the_program_in_an_archive(self):
        gnu = [target.triple.replace("musl", "gnu") for target in project.TARGETS if target.os == "linux"]
        for triple in [*(target.triple for target in project.TARGETS), *gnu]:
            url, path, kind = binstall(triple)
            name = url.rsplit("/", 1)[1]
            self.assertEqual(url, project.asset_url(name))
            self.assertIn(path, contents(OUT / name))
            self.assertEqual(kind, "zip" if name.endswith(".zip") else "tgz")

    def test_a_missing_binary_stops_the_packing(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, ROOT / "packaging/package_archives.py", folder, folder]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("aarch64-apple-darwin/saki-mcp", done.stderr)
