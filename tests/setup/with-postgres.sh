#!/usr/bin/env bash
# Runs a command with a fresh PostgreSQL, whose URL is in PLINTH_TEST_POSTGRES; stops it whatever happens, and those that tests
# start for themselves in folders of PLINTH_TEST_CLUSTERS.
# usage: with-postgres.sh COMMAND…
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

"$here/apt.sh" initdb=postgresql
# In /tmp whatever TMPDIR says: the user postgres must be able to enter it.
dir=$(mktemp -d /tmp/plinth-postgres.XXXXXX)
end() {
  for cluster in "$dir" "$dir"/clusters/*; do
    if [ -s "$cluster/data/postmaster.pid" ]; then "$here/postgres.sh" stop "$cluster" || true; fi
  done
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

PLINTH_TEST_POSTGRES=$("$here/postgres.sh" start "$dir")
PLINTH_TEST_CLUSTERS=$dir/clusters
mkdir "$PLINTH_TEST_CLUSTERS"
export PLINTH_TEST_POSTGRES PLINTH_TEST_CLUSTERS
"$@"
