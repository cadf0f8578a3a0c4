#!/usr/bin/env bash
# `make test`: everything that CI asks, the quick first; ends at the first stage that fails and says how long each took.
# `test.sh lint`: only what needs no build of the binary.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

# One set of features everywhere, and one cargo at a time: what one stage has built, the next one finds.
features=(--workspace --features plinth-server/graphiql)

times=() at=
summary() {
  local status=$?
  if [ -n "$at" ]; then times+=("$(printf '%6ss  %s (failed)' $((SECONDS - began)) "$at")"); fi
  printf '%s\n' "" "${times[@]}" "$(printf '%6ss  all' "$SECONDS")"
  exit "$status"
}
stage() { # NAME COMMAND…
  at=$1 began=$SECONDS
  printf '\n== %s\n' "$at"
  "${@:2}"
  times+=("$(printf '%6ss  %s' $((SECONDS - began)) "$at")")
  at=
}
trap summary EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

packages() { tests/setup/apt.sh initdb=postgresql chromium=chromium shellcheck=shellcheck; }
scripts() { find .ci/run tests deploy \( -name '*.sh' -o -path .ci/run \) -print0 | xargs -0 shellcheck -x; }
lint_schema() { "$PLINTH_NODE_TOOLS/node_modules/.bin/eslint" --config tests/node/eslint.config.mjs --max-warnings 0 schema.graphql; }
# What keeps documents from the parser must hold without the checks of a development build, too.
released_guard() {
  cargo build --release "${features[@]}" --bins
  cargo test --release "${features[@]}" --lib guard::
  PLINTH_BIN=$CARGO_TARGET_DIR/release/plinth tests/setup/with-postgres.sh cargo test "${features[@]}" --test all guard::
}
# What failed is said once more at the end, where it is seen first.
tests() {
  local log status=0
  log=$(mktemp)
  tests/setup/with-postgres.sh cargo test --no-fail-fast "${features[@]}" 2>&1 | tee "$log" || status=$?
  if [ "$status" != 0 ]; then
    printf '\n== what failed\n'
    awk '/^---- .* ----$/ { shown = 0; on = 1 } /^failures:$/ { on = 0 } on && ++shown <= 80 { print substr($0, 1, 2000) }' "$log"
  fi
  rm -f "$log"
  return "$status"
}
documentation() { RUSTDOCFLAGS='-D warnings' cargo doc --no-deps "${features[@]}"; }

case ${1:-test} in
  schema)
    tests/setup/node.sh
    lint_schema
    trap - EXIT
    exit
    ;;
  lint) stage "setup" tests/setup/apt.sh shellcheck=shellcheck ;;
  test) stage "setup" packages ;;
  *) echo "usage: test.sh [test|lint|schema]" >&2; exit 2 ;;
esac
stage "npm tools" tests/setup/node.sh
stage "format" cargo fmt --all --check
stage "scripts" scripts
stage "schema.graphql" lint_schema
stage "clippy" cargo clippy --all-targets "${features[@]}" -- -D warnings
stage "documentation" documentation
[ "${1:-test}" = test ] || exit 0
stage "build" cargo build --all-targets "${features[@]}"
stage "tests" tests
stage "the guard, release" released_guard
stage "deploy" deploy/check.sh "$PLINTH_BIN"
