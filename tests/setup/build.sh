#!/usr/bin/env bash
# Builds the development binary, GraphiQL inside, into $PLINTH_BIN. usage: build.sh [FURTHER ARGUMENT OF cargo build]…
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

tests/setup/node.sh
# --workspace and --examples (there are none) choose the features of dependencies as `cargo test --workspace` does. Without
# them async-graphql and all that stands on it would be built again whenever `make run` follows `make test`.
cargo build --workspace --examples --bin plinth --features plinth-server/graphiql "$@"
