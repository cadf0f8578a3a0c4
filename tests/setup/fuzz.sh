#!/usr/bin/env bash
# `make fuzz`: runs the fuzz targets, SECONDS_EACH (60) seconds each. What it finds stands in the cache, named at its end.
set -euo pipefail
# shellcheck source=tests/setup/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$PLINTH_ROOT"

version=0.13.2
tools=$PLINTH_CACHE/tools
if [ ! -x "$tools/bin/cargo-fuzz" ]; then
  echo "cargo-fuzz $version: $tools"
  cargo install --quiet --locked --root "$tools" "cargo-fuzz@$version"
fi
export PATH=$tools/bin:$PATH CARGO_TARGET_DIR=$PLINTH_CACHE/fuzz/target
# The instrumentation is a flag of unstable Rust; nothing else here is. Without a sanitizer: there is no unsafe code.
export RUSTC_BOOTSTRAP=1
targets=("${@:-guard}")
for target in "${targets[@]}"; do
  corpus=$PLINTH_CACHE/fuzz/corpus/$target found=$PLINTH_CACHE/fuzz/found/$target
  mkdir -p "$corpus" "$found"
  cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none "$target" "$corpus" "tests/fuzz/seeds/$target" -- \
    "-max_total_time=${SECONDS_EACH:-60}" -max_len=20000 -len_control=0 -rss_limit_mb=4096 "-artifact_prefix=$found/"
done
