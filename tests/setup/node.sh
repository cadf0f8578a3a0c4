#!/usr/bin/env bash
# npm tools of the tests into $PLINTH_NODE_TOOLS, and GraphiQL bundled from them into $PLINTH_GRAPHIQL_DIR.
# Both folders are named by the content that makes them: there is nothing to do when they exist.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

ready() { [ -d "$PLINTH_NODE_TOOLS" ] && [ -d "$PLINTH_GRAPHIQL_DIR" ]; }
if ready; then exit 0; fi
mkdir -p "$PLINTH_CACHE"
exec 9>"$PLINTH_CACHE/node.lock"
flock 9 # Of two that start at once, the second finds the work done.
scratch=$(mktemp -d "$PLINTH_CACHE/node.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

if [ ! -d "$PLINTH_NODE_TOOLS" ]; then
  command -v npm >/dev/null || { echo "Node and npm are missing: Node 20.19 or newer" >&2; exit 1; }
  echo "npm tools: $PLINTH_NODE_TOOLS"
  mkdir "$scratch/node"
  cp tests/node/{package.json,package-lock.json,.npmrc} "$scratch/node"
  npm ci --prefix "$scratch/node" --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error
  mv "$scratch/node" "$PLINTH_NODE_TOOLS"
fi

if [ ! -d "$PLINTH_GRAPHIQL_DIR" ]; then
  echo "GraphiQL: $PLINTH_GRAPHIQL_DIR"
  # NODE_PATH, since the sources here have no node_modules above them.
  bundle() {
    NODE_PATH=$PLINTH_NODE_TOOLS/node_modules "$PLINTH_NODE_TOOLS/node_modules/.bin/esbuild" "$@" --outdir="$scratch/graphiql" \
      --bundle --minify --format=iife --target=es2022 --loader:.ttf=dataurl --legal-comments=none --log-level=error \
      '--define:process.env.NODE_ENV="production"'
  }
  bundle api/server/src/graphiql/graphiql.js
  bundle editor.worker=monaco-editor/esm/vs/editor/editor.worker.js json.worker=monaco-editor/esm/vs/language/json/json.worker.js \
    graphql.worker=monaco-graphql/esm/graphql.worker.js
  mv "$scratch/graphiql" "$PLINTH_GRAPHIQL_DIR"
fi
