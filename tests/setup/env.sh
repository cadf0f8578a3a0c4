#!/usr/bin/env bash
# Where things are, all outside the checkout. Sourced by the scripts; run, it prints the line to source: `make env`.
# shellcheck disable=SC2034  # PLINTH_ROOT and the rest are for who sources this.
PLINTH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PLINTH_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/plinth

# Twelve digits of what the files hold: another lock file, another folder, so that two branches share one cache.
content_hash() { (cd "$PLINTH_ROOT" && cat "$@" | sha256sum | cut -c1-12); }

CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PLINTH_CACHE/target}
PLINTH_BIN=$CARGO_TARGET_DIR/debug/plinth
PLINTH_NODE_TOOLS=$PLINTH_CACHE/node-$(content_hash tests/node/package-lock.json)
PLINTH_GRAPHIQL_DIR=$PLINTH_CACHE/graphiql-$(content_hash tests/node/package-lock.json tests/setup/node.sh api/server/src/graphiql/graphiql.{js,css})
export PLINTH_CACHE CARGO_TARGET_DIR PLINTH_BIN PLINTH_NODE_TOOLS PLINTH_GRAPHIQL_DIR

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  printf 'export'
  for name in CARGO_TARGET_DIR PLINTH_BIN PLINTH_NODE_TOOLS PLINTH_GRAPHIQL_DIR; do printf ' %s=%q' "$name" "${!name}"; done
  echo
fi
