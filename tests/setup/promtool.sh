#!/usr/bin/env bash
# Prints the path of promtool; fetches it from Debian's package without installing that, which would start a server.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if command -v promtool; then exit 0; fi
tool=$PLINTH_CACHE/tools/prometheus/usr/bin/promtool
if [ ! -x "$tool" ]; then
  echo "promtool: $tool" >&2
  mkdir -p "$PLINTH_CACHE/tools"
  scratch=$(mktemp -d "$PLINTH_CACHE/tools/prometheus.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update >&2
  # The sandbox user of apt cannot write into the scratch folder.
  (cd "$scratch" && apt-get -qq -o APT::Sandbox::User= download prometheus >&2 && dpkg-deb -x prometheus_*.deb out)
  rm -rf "$PLINTH_CACHE/tools/prometheus"
  mv "$scratch/out" "$PLINTH_CACHE/tools/prometheus"
fi
echo "$tool"
