#!/usr/bin/env bash
# Connects foreign MCP clients to a saki-mcp binary: run.sh BINARY
# Needs cargo, Node 22 or newer with npm, Python 3.11 with venv, nginx, openssl and redis-server. The packages come from
# npm and PyPI.
set -euo pipefail
binary=$(realpath "${1:?binary}")
cd "$(dirname "$0")"
if (($(node -p 'process.versions.node.split(".")[0]') < 22)); then
    echo "Node 22 or newer is needed, and this is $(node --version): .ci/run gets one from npm" >&2
    exit 1
fi
export PYTHONDONTWRITEBYTECODE=1
tools=$(realpath -m ../../target/interop)
# The Inspector is started anew for each call.
export NODE_COMPILE_CACHE=$tools/compiled
programs=$tools/node_modules/.bin
# npm removes what it is not told to install, so all of it is one list.
NODE_PACKAGES=(
    @modelcontextprotocol/client@2.4.0
    @modelcontextprotocol/conformance@0.2.0-alpha.12 # No release knows 2026-07-28 yet.
    @modelcontextprotocol/inspector@2.12.0
    @modelcontextprotocol/sdk@1.32.2
    mcp-remote@0.15.1
    oauth2-mock-server@9.3.0
    oidc-provider@9.13.3
)
PYTHON_PACKAGES=(
    fastmcp==4.2.3
    mcp==2.3.0
    jsonschema==4.26.0
    pyyaml==6.0.4
)

mkdir -p "$tools"
npm install --prefix "$tools" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "${NODE_PACKAGES[@]}"
python3 -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet --disable-pip-version-check "${PYTHON_PACKAGES[@]}"
# Node finds packages only above the file that names them.
cp clients/*.mjs ./*.mjs "$tools"

failed=0
check() {
    printf '\n-- %s (after %s s)\n' "$1" "$SECONDS"
    case $1 in
    *.py) set -- "$tools/python/bin/python" "$@" ;;
    *.mjs) set -- node "$tools/$1" "${@:2}" ;;
    esac
    "$@" 2>&1 | grep -v '^ INFO' || failed=1
}
check python_client.py "$binary"
check confirmations.py "$binary"
check inspector.py "$binary" "$programs/mcp-inspector"
cargo build --quiet --example conformance_server
check conformance.py "$programs/conformance" "$binary" ../../target/debug/examples/conformance_server
check foreign_clients.py "$tools" "$binary"
check installed_entries.py "$binary"
check oauth_logins.py "$tools" "$binary"
check refused_tokens.mjs "$binary"
check two_principals.py "$binary"
check abuse.py "$binary"
check fault_schedules.py "$binary"
check soak.py "$binary" --minutes 1
exit "$failed"
