#!/usr/bin/env bash
# `make soak`: what takes longer than a test may. 300 kills of the server on each database and 100 of Postgres lose nothing, and
# a client that ariadne-codegen makes for Python fits the server.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

tests/setup/apt.sh initdb=postgresql
tests/setup/node.sh
features=(--release --workspace --features plinth-server/graphiql)
cargo build "${features[@]}" --bins
export PLINTH_BIN=$CARGO_TARGET_DIR/release/plinth

echo "== kills, ${PLINTH_TEST_KILLS:=300}"
export PLINTH_TEST_KILLS
tests/setup/with-postgres.sh cargo test "${features[@]}" --test all kills::

echo "== Python"
version=0.19.0
tools=$PLINTH_CACHE/tools/ariadne-codegen-$version
if [ ! -x "$tools/bin/ariadne-codegen" ]; then
  echo "ariadne-codegen $version: $tools"
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "ariadne-codegen==$version"
fi
"$tools/bin/python" tests/clients/client.py "$PLINTH_BIN"
echo "soak: all is well"
