#!/usr/bin/env bash
# Builds the binary that packages ship, for one target, into BINARIES/TARGET/: build_binary.sh TARGET BINARIES
# Needs the target's standard library (rustup target add TARGET), for Linux also musl-tools, and a machine of that platform.
set -euo pipefail
target=${1:?target} binaries=${2:?folder}
cd "$(dirname "$0")/.."

program=saki-mcp
case $target in
*-linux-musl) export "CC_${target//-/_}=musl-gcc" ;;
# Not shipped: a static binary on a machine without the standard library for musl, to try the packages with.
*-linux-gnu) export RUSTFLAGS="-C target-feature=+crt-static" ;;
# Without this, Windows would need the Visual C++ redistributable package.
*-windows-msvc) export RUSTFLAGS="-C target-feature=+crt-static" program=saki-mcp.exe ;;
esac
cargo build --locked --profile dist --bin saki-mcp --target "$target"

built=${CARGO_TARGET_DIR:-target}/$target/dist/$program
if [[ $target == *-linux-* ]] && readelf --program-headers "$built" | grep -q INTERP; then
    echo "$built needs a dynamic loader, so it would not start on every Linux" >&2
    exit 1
fi
"$built" --version
mkdir -p "$binaries/$target"
cp "$built" "$binaries/$target/"
