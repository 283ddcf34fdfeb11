#!/usr/bin/env bash
# Builds the binary that packages ship, for one target, into BINARIES/TARGET/: build_binary.sh TARGET BINARIES
# Needs the target's standard library (rustup target add TARGET), for Linux also musl-tools, and a machine of that platform.
# With Python and llvm-profdata (rustup component add llvm-tools, or LLVM_PROFDATA=PROGRAM) it builds twice: the first binary
# is watched at its calls, and the second one learns from that: it takes a quarter less time for a call, and 2 MiB less when
# idle. Flags of the environment for rustc are not used.
set -euo pipefail
target=${1:?target} binaries=${2:?folder}
cd "$(dirname "$0")/.."

program=saki-mcp flags=()
case $target in
*-linux-musl) export "CC_${target//-/_}=musl-gcc" ;;
# Not shipped: a static binary on a machine without the standard library for musl, to try the packages with.
*-linux-gnu) flags=(-C target-feature=+crt-static) ;;
# Without this, Windows would need the Visual C++ redistributable package.
*-windows-msvc) flags=(-C target-feature=+crt-static) program=saki-mcp.exe ;;
esac

folder=${CARGO_TARGET_DIR:-target}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# build FOLDER FLAGS...: cargo separates its flags by this character, since a path may have spaces.
build() {
    local into=$1 separated
    shift
    separated=$(printf '%s\x1f' "$@")
    CARGO_ENCODED_RUSTFLAGS=${separated%$'\x1f'} \
        cargo build --locked --profile dist --bin saki-mcp --target "$target" --target-dir "$into"
}

toolchain=$(rustc --print sysroot)/lib/rustlib
host=$(rustc --version --verbose | sed -n 's/^host: //p')
profdata=${LLVM_PROFDATA:-$toolchain/$host/bin/llvm-profdata}
missing=
# Windows ends a server without letting it write its profile.
[[ $target != *-windows-* ]] || missing="a way to end a server on Windows"
command -v python3 >/dev/null || missing=Python
command -v "$profdata" >/dev/null || missing=llvm-profdata
compgen -G "$toolchain/$target/lib/libprofiler_builtins-*" >/dev/null || missing="the profiler of $target"

if [[ -z $missing ]]; then
    training=$folder/training
    rm -rf "$training/profiles"
    build "$training" ${flags[@]+"${flags[@]}"} -C "profile-generate=$training/profiles"
    python3 packaging/training_calls.py "$training/$target/dist/$program"
    "$profdata" merge -o "$training/merged.profdata" "$training/profiles"
    # Cargo builds anew what learned from another profile only if that has another name.
    profile=$training/$(cksum <"$training/merged.profdata" | cut -d ' ' -f 1).profdata
    mv "$training/merged.profdata" "$profile"
    flags+=(-C "profile-use=$profile")
else
    echo "$target is built without a profile, for want of $missing" >&2
fi
build "$folder" ${flags[@]+"${flags[@]}"}

built=$folder/$target/dist/$program
if [[ $target == *-linux-* ]] && readelf --program-headers "$built" | grep -q INTERP; then
    echo "$built needs a dynamic loader, so it would not start on every Linux" >&2
    exit 1
fi
"$built" --version
mkdir -p "$binaries/$target"
cp "$built" "$binaries/$target/"
