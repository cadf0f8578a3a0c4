#!/usr/bin/env bash
# Installs Debian packages whose command is missing. usage: apt.sh COMMAND=PACKAGE…
set -euo pipefail

missing=()
for pair in "$@"; do
  # initdb and its like are in no PATH where Debian puts them.
  command -v "${pair%%=*}" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "please install: ${missing[*]} (no apt-get on this machine)" >&2; exit 1; }
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
echo "installing ${missing[*]} by apt-get"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
