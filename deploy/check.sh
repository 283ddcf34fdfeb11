#!/usr/bin/env bash
# Lints everything in deploy/ and runs nginx with the shipped configuration: check.sh BINARY
# What is missing comes from Debian and PyPI.
set -euo pipefail
binary=$(realpath "${1:?binary}")
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1 PATH=$PATH:/usr/sbin
KUBERNETES=1.33
tools=$PWD/../target/deploy-tools

missing=()
command -v nginx >/dev/null || missing+=(nginx-light)
command -v systemd-analyze >/dev/null || missing+=(systemd)
command -v openssl >/dev/null || missing+=(openssl)
command -v shellcheck >/dev/null || missing+=(shellcheck)
../.ci/install_packages.sh "${missing[@]}"
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check check-jsonschema==0.39.0 kubernetes-validate==1.37.0

shellcheck check.sh
"$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec compose.yaml
for manifest in kubernetes/*.yaml; do
    "$tools/bin/kubernetes-validate" --strict --version "$KUBERNETES" "$manifest"
done

# The unit names the installed binary, which is not here.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "s|/usr/local/bin/saki-mcp|$binary|" systemd/saki-mcp.service >"$work/saki-mcp.service"
systemd-analyze verify --man=no "$work/saki-mcp.service"
# From 0, safe, to 100, unsafe.
systemd-analyze security --offline=true --threshold=20 "$work/saki-mcp.service" >"$work/security" ||
    { cat "$work/security"; exit 1; }
tail -n 1 "$work/security"

python3 check_nginx.py "$binary"
