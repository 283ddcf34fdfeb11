#!/usr/bin/env bash
# Installs Debian packages: install_packages.sh NAME...
set -euo pipefail
(($#)) || exit 0
sudo=()
((EUID == 0)) || sudo=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -qq --no-install-recommends "$@"
