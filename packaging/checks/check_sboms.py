"""The software bills of materials, under CycloneDX's own schema. See stage.py for what it needs."""

import json
import subprocess

from stage import OUT, TOOLS, Check, project

VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    if error := JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(path).read()):
        sys.exit(f"{path}: {error}")
"""


def path(target):
    return OUT / project.asset(target, "cdx.json")


def crates(target):
    return {entry["name"] for entry in json.loads(path(target).read_text())["components"]}


class Sboms(Check):
    def test_each_is_valid_under_the_strict_schema(self):
        paths = map(path, project.TARGETS)
        subprocess.run([TOOLS / "python/bin/python", "-c", VALIDATE, *paths], check=True)

    def test_they_list_what_is_linked_and_nothing_that_only_tests_use(self):
        for target in project.TARGETS:
            self.assertLess({"rmcp", "ring", "rustls", "tokio"}, crates(target))
            self.assertFalse({"insta", "proptest", "criterion"} & crates(target))

    def test_each_lists_the_crates_of_its_own_platform(self):
        by_os = {target.os: crates(target) for target in project.TARGETS}
        self.assertIn("security-framework", by_os["darwin"] - by_os["linux"] - by_os["win32"])
        self.assertIn("windows-sys", by_os["win32"] - by_os["linux"] - by_os["darwin"])
