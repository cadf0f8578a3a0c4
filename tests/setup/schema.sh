#!/usr/bin/env bash
# `make schema`: writes schema.graphql from the code. tests/schema/released.graphql, what clients rely on, follows it unless a
# client would break: such a change needs a line in tests/schema/breaking-changes.txt.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

tests/setup/build.sh --quiet
tests/setup/node.sh
"$PLINTH_BIN" schema >schema.graphql.new
mv schema.graphql.new schema.graphql
released=tests/schema/released.graphql
if ! node tests/node/breaking.mjs "$released" schema.graphql tests/schema/breaking-changes.txt; then
  echo "schema.graphql is written, but clients of $released would break: deprecate instead, or list it in tests/schema/breaking-changes.txt" >&2
  exit 1
fi
cp schema.graphql "$released"
