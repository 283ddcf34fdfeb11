"""server.json, against its schema and against what the registry checks beyond it. See stage.py for what it needs."""

import hashlib
import json
import re
import subprocess
import tarfile

from stage import NPM, OUT, ROOT, TOOLS, Check, project

PATH = OUT / "server.json"
ENTRY = json.loads(PATH.read_text())
PACKAGES = {package["registryType"]: package for package in ENTRY["packages"]}


class RegistryEntry(Check):
    def test_it_is_valid_under_the_schema(self):
        schema = ROOT / "packaging/checks/mcp-server.schema.json"
        subprocess.run([TOOLS / "python/bin/check-jsonschema", "--schemafile", schema, PATH], check=True, stdout=subprocess.DEVNULL)

    def test_the_bundle_is_named_by_its_address_and_its_checksum(self):
        package = PACKAGES["mcpb"]
        bundle = OUT / package["identifier"].rsplit("/", 1)[1]
        self.assertEqual(package["identifier"], project.asset_url(bundle.name))
        self.assertEqual(package["fileSha256"], hashlib.sha256(bundle.read_bytes()).hexdigest())

    def test_a_version_stands_only_where_the_registry_accepts_one(self):
        version = project.VALUES["version"]
        found = {kind: package.get("version") for kind, package in PACKAGES.items()}
        self.assertEqual(found, {"npm": version, "cargo": version, "mcpb": None, "oci": None})
        self.assertTrue(PACKAGES["oci"]["identifier"].endswith(f":{version}"))

    def test_the_npm_package_names_the_server(self):
        with tarfile.open(NPM / f"{project.VALUES['npm_package']}-{project.VALUES['version']}.tgz") as tar:
            package = json.load(tar.extractfile("package/package.json"))
        self.assertEqual(package["mcpName"], ENTRY["name"])
        self.assertEqual((package["name"], package["version"]), (PACKAGES["npm"]["identifier"], ENTRY["version"]))

    def test_the_readme_names_the_server_visibly(self):
        visible = re.sub(r"<!--.*?-->", "", (ROOT / "README.md").read_text(), flags=re.DOTALL)
        self.assertIn(f"mcp-name: {ENTRY['name']}", visible.splitlines())

    def test_the_image_names_the_server_in_its_label(self):
        dockerfile = (ROOT / "packaging/image/Dockerfile").read_text()
        self.assertIn('io.modelcontextprotocol.server.name="${REGISTRY_NAME}"', dockerfile)
