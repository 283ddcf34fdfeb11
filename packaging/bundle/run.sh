#!/bin/sh
# Starts the binary of this bundle that fits the machine. Hosts may drop the run bit when they unpack, so it is set again.
# Needs /bin/sh, uname and chmod.
case "$(uname -s)-$(uname -m)" in
Linux-x86_64) platform=linux-x64 ;;
Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
Darwin-x86_64) platform=darwin-x64 ;;
Darwin-arm64) platform=darwin-arm64 ;;
*)
    echo "saki-mcp: this bundle has no binary for $(uname -s) on $(uname -m). Build one from source, and name it in the client's configuration file" >&2
    exit 1
    ;;
esac
binary=${0%/*}/saki-mcp-$platform
if [ ! -x "$binary" ] && ! chmod 755 "$binary"; then
    echo "saki-mcp: $binary cannot be started. Install the bundle again, or make that file executable" >&2
    exit 1
fi
exec "$binary" "$@"
