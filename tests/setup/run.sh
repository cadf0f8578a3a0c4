#!/usr/bin/env bash
# Builds the server and becomes it, so that Ctrl-C reaches it. usage: run.sh [ARGUMENT OF `plinth serve`]…
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

tests/setup/build.sh
data=$PLINTH_CACHE/run
mkdir -p "$data"
cat <<TEXT

  configuration  deploy/app-config.yaml
  data           $data
  binary         $PLINTH_BIN
  GraphiQL       /graphql at the address below, in a browser
  dashboard      \`make dashboard\` in another terminal
  Ctrl-C ends it.

TEXT
exec "$PLINTH_BIN" serve --config deploy/app-config.yaml --data-dir "$data" "$@"
