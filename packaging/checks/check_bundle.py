"""The bundle, unpacked and started as a host does it. See stage.py for what it needs, and Node.js."""

import json
import pathlib
import re
import stat
import subprocess
import tempfile

from stage import BARE, OUT, TOOLS, Check, all_tools, answers, project

LIBRARY = TOOLS / "node_modules/@anthropic-ai/mcpb"
BUNDLE = OUT / f"{project.NAME}-v{project.VALUES['version']}.mcpb"
UNAMES = {
    "linux-x64": ["Linux x86_64"],
    "linux-arm64": ["Linux aarch64", "Linux arm64"],
    "darwin-x64": ["Darwin x86_64"],
    "darwin-arm64": ["Darwin arm64"],
}


class Bundle(Check):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="folder with a space ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.unpacked = self.folder / "bundle"
        subprocess.run([TOOLS / "node_modules/.bin/mcpb", "unpack", BUNDLE, self.unpacked], check=True, stdout=subprocess.DEVNULL)
        self.manifest = json.loads((self.unpacked / "manifest.json").read_text())

    def config(self, platform="linux", **user):
        script = pathlib.Path(__file__).with_name("bundle_command.mjs")
        command = ["node", script, LIBRARY, self.unpacked, json.dumps(user), platform]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def start(self, **user):
        config = self.config(**user)
        return answers([config["command"], *config["args"]], BARE | config["env"])

    def names(self, **user):
        return {tool["name"] for tool in self.start(**user)[0]["tools"]}

    def test_the_sandbox_needs_no_key(self):
        result, log = self.start(sandbox=True)
        self.assertEqual({tool["name"] for tool in result["tools"]}, all_tools())
        self.assertNotIn("no API key", log)

    def test_with_nothing_filled_in_it_starts_and_says_what_is_missing(self):
        result, log = self.start()
        self.assertEqual({tool["name"] for tool in result["tools"]}, all_tools())
        self.assertIn("no API key", log)

    def test_nothing_arrives_unfilled(self):
        for platform in ("linux", "darwin", "win32"):
            self.assertNotIn("${", json.dumps(self.config(platform)))

    def test_the_mode_limits_the_tools(self):
        names = self.names(sandbox=True, mode="read-only", timezone="Europe/Berlin")
        self.assertIn("list_posts", names)
        self.assertNotIn("create_post", names)

    def test_it_starts_when_the_host_drops_every_run_bit(self):
        for path in self.unpacked.rglob("*"):
            if path.is_file():
                path.chmod(0o600)
        self.assertEqual(self.names(sandbox=True), all_tools())

    def test_the_launcher_picks_the_program_by_the_machine(self):
        for platform, unames in UNAMES.items():
            program = self.unpacked / "server" / f"{project.NAME}-{platform}"
            program.write_text(f'#!/bin/sh\necho "{platform} $*"\n')
            for uname in unames:
                done = self.launch(uname)
                self.assertEqual((done.returncode, done.stdout), (0, f"{platform} --one a b\n"), done.stderr)

    def test_a_machine_without_a_program_is_named(self):
        done = self.launch("FreeBSD riscv64")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no binary for FreeBSD on riscv64", done.stderr)

    def launch(self, uname):
        """The launcher on a machine that describes itself in this way."""
        system, machine = uname.split()
        fake = self.folder / "uname"
        fake.write_text(f'#!/bin/sh\n[ "$1" = -s ] && echo {system} || echo {machine}\n')
        fake.chmod(0o755)
        command = ["/bin/sh", self.unpacked / "server/run.sh", "--one", "a b"]
        return subprocess.run(command, env={"PATH": f"{self.folder}:/usr/bin:/bin"}, capture_output=True, text=True)

    def test_windows_gets_its_own_program(self):
        config = self.config("win32")
        program = config["command"].removeprefix(str(self.unpacked))
        self.assertEqual(program, "\\server\\saki-mcp-win32-x64.exe")
        self.assertTrue((self.unpacked / program[1:].replace("\\", "/")).is_file())
        self.assertEqual(config["args"], [])

    def test_every_program_and_the_launcher_keep_the_run_bit(self):
        files = list((self.unpacked / "server").iterdir())
        self.assertEqual(len(files), len(project.TARGETS) + 1)
        for path in files:
            self.assertTrue(path.stat().st_mode & stat.S_IXUSR, path)

    def test_each_option_has_a_default_and_arrives_as_a_variable(self):
        environment = self.manifest["server"]["mcp_config"]["env"]
        passed = {re.fullmatch(r"\$\{user_config\.(\w+)\}", value)[1] for value in environment.values()}
        self.assertEqual(passed, set(self.manifest["user_config"]))
        for name, option in self.manifest["user_config"].items():
            self.assertIn("default", option, name)
        self.assertTrue(self.manifest["user_config"]["api_key"]["sensitive"])

    def test_the_listed_tools_are_those_of_the_binary(self):
        self.assertEqual({tool["name"] for tool in self.manifest["tools"]}, all_tools())
        for tool in self.manifest["tools"]:
            self.assertRegex(tool["description"], r"^[A-Z].*\.$")
