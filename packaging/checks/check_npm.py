"""The npm packages, installed by name from a registry on this machine that has only them. See stage.py for what it needs, and npm."""

import base64
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import tarfile
import tempfile
import threading
import urllib.parse
import urllib.request

from stage import BARE, BINARY, NPM, Check, all_tools, answers, project

PROGRAM = project.NAME
HOST_PACKAGE = f"{project.VALUES['npm_scope']}/{PROGRAM}-{project.HOST.platform}"


def packages():
    """The packed packages by name: the path of each, and its package.json."""
    found = {}
    for path in NPM.glob("*.tgz"):
        with tarfile.open(path) as tar:
            package = json.load(tar.extractfile("package/package.json"))
        found[package["name"]] = path, package
    return found


PACKAGES = packages()


class Registry(http.server.BaseHTTPRequestHandler):
    """Answers as an npm registry does, and knows no other package."""

    def do_GET(self):
        name = urllib.parse.unquote(self.path[1:])
        if name.endswith(".tgz"):
            return self.answer((NPM / name).read_bytes())
        if name not in PACKAGES:
            return self.send_error(404)
        path, package = PACKAGES[name]
        digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        dist = {"tarball": f"http://{self.headers['Host']}/{path.name}", "integrity": f"sha512-{digest}"}
        version = package["version"]
        self.answer(json.dumps({
            "name": name,
            "dist-tags": {"latest": version},
            "versions": {version: package | {"dist": dist}},
        }).encode())

    def answer(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def registry():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class Npm(Check):
    @classmethod
    def setUpClass(cls):
        """An empty folder with an empty cache, in which npm reaches only our registry."""
        address = cls.enterClassContext(registry())
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.environment = BARE | {
            "HOME": str(cls.folder / "home"),
            "npm_config_registry": address,
            "npm_config_cache": str(cls.folder / "cache"),
            "npm_config_update_notifier": "false",
        }

    def install(self, *options):
        project_folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *options, project.VALUES["npm_package"]]
        subprocess.run(command, cwd=project_folder, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return project_folder

    def test_npx_in_an_empty_folder_lists_the_tools(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        command = ["npx", "--yes", "--prefix", folder, project.VALUES["npm_package"], "--sandbox"]
        self.assertEqual({tool["name"] for tool in answers(command, self.environment)[0]["tools"]}, all_tools())

    def test_only_the_package_for_this_platform_is_installed(self):
        modules = self.install() / "node_modules"
        scope = modules / project.VALUES["npm_scope"]
        self.assertEqual([path.name for path in scope.iterdir()], [HOST_PACKAGE.split("/")[1]])
        self.assertEqual((scope / HOST_PACKAGE.split("/")[1] / "bin" / PROGRAM).read_bytes(), BINARY.read_bytes())

    def test_a_package_that_was_left_out_is_named(self):
        launcher = self.install("--omit=optional") / "node_modules/.bin" / PROGRAM
        done = subprocess.run([launcher, "--version"], env=self.environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"npm install {HOST_PACKAGE}@{project.VALUES['version']}", done.stderr)

    def test_a_lost_run_bit_is_set_again(self):
        modules = self.install() / "node_modules"
        (modules / HOST_PACKAGE / "bin" / PROGRAM).chmod(0o644)
        done = subprocess.run([modules / ".bin" / PROGRAM, "--version"], env=self.environment, capture_output=True, text=True)
        self.assertEqual(done.stdout, f"{PROGRAM} {project.VALUES['version']}\n", done.stderr)

    def test_the_exit_code_is_that_of_the_binary(self):
        launcher = self.install() / "node_modules/.bin" / PROGRAM
        for command in ([BINARY, "--nonsense"], [launcher, "--nonsense"]):
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("unexpected argument '--nonsense'", done.stderr)

    def test_a_signal_ends_the_launcher_and_the_binary(self):
        launcher = self.install() / "node_modules/.bin" / PROGRAM
        command = [launcher, "--sandbox", "http", "--bind", "127.0.0.1:0"]
        with subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True) as process:
            address = next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.:]+", line)))
            urllib.request.urlopen(f"{address}/healthz", timeout=15).close()
            (child,) = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=15), 0)
            self.assertFalse(os.path.exists(f"/proc/{child}"))

    def test_no_package_has_an_install_script(self):
        self.assertEqual(len(PACKAGES), len(project.TARGETS) + 1)
        for name, (_, package) in PACKAGES.items():
            self.assertNotIn("scripts", package, name)

    def test_each_platform_package_holds_its_binary_and_the_license(self):
        for target in project.TARGETS:
            path, package = PACKAGES[f"{project.VALUES['npm_scope']}/{PROGRAM}-{target.platform}"]
            self.assertEqual(package["os"], [target.os])
            self.assertIn(target.cpu, package["cpu"])
            with tarfile.open(path) as tar:
                modes = {entry.name.removeprefix("package/"): entry.mode & 0o777 for entry in tar}
            self.assertEqual(sorted(modes), ["LICENSE", f"bin/{target.program}", "package.json"])
            self.assertEqual(modes[f"bin/{target.program}"], 0o755)
