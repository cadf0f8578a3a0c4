#!/usr/bin/env bash
# A throw-away PostgreSQL on loopback. usage: postgres.sh start DIR [PORT] (prints its URL) | postgres.sh stop DIR | postgres.sh kill DIR
# A second start of the same DIR keeps data and port. fsync is off: that outlives killed processes, not a killed kernel.
# As root, the server runs as the user postgres, who must be able to enter every folder above DIR.
set -euo pipefail

usage() { sed -n 's/^# //p' "$0" | head -n 1 >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1 dir=$2 port=${3:-}

# Debian puts initdb and pg_ctl in no PATH; elsewhere they are.
bin=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 || true)
bin=$(dirname "$(readlink -f "${bin:-$(command -v initdb)}")")
as=()
[ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
# From a folder that postgres may not enter, it would complain.
cd /

start() {
  mkdir -p "$dir/socket"
  if [ "$(id -u)" = 0 ]; then chown -R postgres: "$dir"; fi
  chmod 711 "$dir"
  if [ ! -s "$dir/data/PG_VERSION" ]; then
    "${as[@]}" "$bin/initdb" -D "$dir/data" -U plinth -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >"$dir/initdb.log" 2>&1 ||
      { cat "$dir/initdb.log" >&2; exit 1; }
  fi
  if [ -z "$port" ] && [ -s "$dir/port" ]; then port=$(cat "$dir/port"); fi
  local options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir/socket -c max_connections=200 -c fsync=off -c full_page_writes=off"
  options+=" -c synchronous_commit=on -c max_wal_size=256MB -c shared_buffers=64MB -c log_min_messages=warning"
  # A free port may be taken before Postgres has it, and after a kill -9 of somebody else's the old lock file blocks some tries.
  for _ in $(seq 30); do
    local at=${port:-$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')}
    if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -t 60 -s -l "$dir/postgres.log" -o "-p $at $options" start >>"$dir/start.log" 2>&1; then
      echo "$at" >"$dir/port"
      echo "postgres://plinth@127.0.0.1:$at/postgres"
      return
    fi
    sleep 0.2
  done
  tail -n 20 "$dir/start.log" "$dir/postgres.log" >&2
  exit 1
}

# As when the machine's memory is short: nobody of it says or writes another word.
kill_all() {
  local postmaster children
  postmaster=$(head -n 1 "$dir/data/postmaster.pid")
  # A backend that is left alone would go on, and acknowledge what is lost: none may begin while they are counted.
  kill -STOP "$postmaster"
  mapfile -t children < <(pgrep -P "$postmaster")
  kill -KILL "${children[@]}" "$postmaster"
  # Dead, each is a number until its parent has collected it, which may take seconds; as long, the lock files would be respected.
  local numbers
  numbers=$(IFS=,; echo "$postmaster,${children[*]}")
  while ps -o stat= -p "$numbers" | grep -qv '^Z'; do sleep 0.02; done
  rm -f "$dir/data/postmaster.pid" "$dir"/socket/.s.PGSQL.*
}

case $verb in
  start) start ;;
  kill) kill_all ;;
  # Nothing of it is kept, so it need not end in order.
  stop) "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 30 -s stop ;;
  *) usage ;;
esac
