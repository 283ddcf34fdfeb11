"""Writes one software bill of materials per target (CycloneDX 1.5, JSON): write_sboms.py OUT
Needs Python 3.11 and cargo. It lists the crates that are compiled into the binary, with their checksums in Cargo.lock.
"""

import json
import os
import subprocess
import tomllib
import uuid

from project import NAME, ROOT, TARGETS, VALUES, asset, paths_from_arguments


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target.triple]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def component(package, checksums):
    purl = f"pkg:cargo/{package['name']}@{package['version']}"
    result = {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["version"], "purl": purl}
    if package["license"]:
        # Old crates write "MIT/Apache-2.0", which is not an expression of SPDX.
        result["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if checksum := checksums.get((package["name"], package["version"])):
        result["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return result


def linked(graph):
    """Each package in the binary, with those that it uses itself. Test and build dependencies are not in the binary."""
    nodes = {node["id"]: node for node in graph["resolve"]["nodes"]}
    found, waiting = {}, [graph["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in found:
            continue
        uses = nodes[package]["deps"]
        found[package] = [use["pkg"] for use in uses if any(kind["kind"] is None for kind in use["dep_kinds"])]
        waiting += found[package]
    return found


def bill(target, checksums):
    graph = metadata(target)
    uses = linked(graph)
    components = {package["id"]: component(package, checksums) for package in graph["packages"] if package["id"] in uses}
    root = components[graph["resolve"]["root"]] | {"type": "application", "description": VALUES["description"]}
    reference = {identifier: entry["bom-ref"] for identifier, entry in components.items()}
    others = [entry for entry in components.values() if entry["bom-ref"] != root["bom-ref"]]
    depends = [{"ref": reference[user], "dependsOn": sorted({reference[use] for use in used})} for user, used in uses.items()]
    name = asset(target, "cdx.json")
    return name, {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, VALUES['repository'] + '/' + name)}",
        "version": 1,
        "metadata": {"component": root, "properties": [{"name": f"{NAME}:target", "value": target.triple}]},
        "components": sorted(others, key=lambda entry: entry["bom-ref"]),
        "dependencies": sorted(depends, key=lambda entry: entry["ref"]),
    }


def main():
    (out,) = paths_from_arguments("OUT")
    os.makedirs(out, exist_ok=True)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}
    for target in TARGETS:
        name, content = bill(target, checksums)
        (out / name).write_text(json.dumps(content, indent=2) + "\n")
        print(f"{name}: {len(content['components'])} crates")


main()
