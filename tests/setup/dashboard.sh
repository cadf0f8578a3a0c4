#!/usr/bin/env bash
# `make dashboard`: puts the page of deploy/dashboard and its npm client into one folder of the cache, and serves that on
# loopback until Ctrl-C. A change of the page is there at the next reload, of index.html at the next start.
# With --out it makes a copy to take home instead, and serves that only where --port is given, too.
# usage: dashboard.sh [--server ORIGIN] [--port PORT] [--out FOLDER]
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

usage() { sed -n 's/^# usage: //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
server=http://127.0.0.1:7007 port='' out=''
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --server) server=$2 ;;
    --port) port=$2 ;;
    --out) out=$2 ;;
    *) usage ;;
  esac
  shift 2
done
if ! [[ $server =~ ^https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?$ ]]; then
  echo "--server: \`$server\` is no origin; expected one such as https://plinth.example.com" >&2
  exit 2
fi

tests/setup/node.sh
modules=$PLINTH_NODE_TOOLS/node_modules
# The program itself: npm's starter of it would outlive its own end.
esbuild=$modules/@esbuild/$(node -p 'process.platform + "-" + process.arch')/bin/esbuild
folder=${out:-$PLINTH_CACHE/dashboard}
mkdir -p "$folder"
put=(ln -sf)
if [ -n "$out" ]; then put=(cp); fi
"${put[@]}" "$PLINTH_ROOT"/deploy/dashboard/*.{js,css,svg} "$folder"
sed "s|http://127\.0\.0\.1:7007|$server|g" deploy/dashboard/index.html >"$folder/index.html"
"$esbuild" "$modules/graphql-sse/lib/client.mjs" --bundle --format=esm --target=es2022 --log-level=error --outfile="$folder/graphql-sse.js"
cp "$modules/graphql-sse/LICENSE.md" "$folder/graphql-sse.LICENSE.md"

if [ -n "$out" ] && [ -z "$port" ]; then
  echo "the dashboard for $server: $folder"
  exit
fi
port=${port:-7008}
cat <<TEXT

  page     $folder
  server   $server; its backend.cors must list the page's origin, http://127.0.0.1:$port
  Ctrl-C ends it.
TEXT
exec "$esbuild" "--servedir=$folder" "--serve=127.0.0.1:$port"
