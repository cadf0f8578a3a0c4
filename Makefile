# Everything that a person or CI runs. Caches and builds go to ${XDG_CACHE_HOME:-~/.cache}/plinth, nothing into the checkout.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# Puts CARGO_TARGET_DIR and the rest before a command; see tests/setup/env.sh.
ENV := . tests/setup/env.sh;

.PHONY: help
help: ## List the targets.
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24
	@echo "  ARGS='…' goes to what run, dashboard or build starts."

.PHONY: env
env: ## Print the one line to source: eval "$(make env)"
	@tests/setup/env.sh

.PHONY: run
run: ## Start the server on the sample organisation, GraphiQL inside; Ctrl-C ends it.
	@exec tests/setup/run.sh $(ARGS)

.PHONY: dashboard
dashboard: ## Serve the page deploy/dashboard on loopback, beside make run; Ctrl-C ends it.
	@exec tests/setup/dashboard.sh $(ARGS)

.PHONY: build
build: ## Build the development binary and say where it is.
	@tests/setup/build.sh $(ARGS) && $(ENV) echo "$$PLINTH_BIN"

.PHONY: test
test: ## Everything that CI asks: format, lints, documentation, all tests.
	@exec tests/setup/test.sh

.PHONY: lint
lint: ## The part of the tests that builds no binary: format, scripts, schema, clippy, documentation.
	@exec tests/setup/test.sh lint

.PHONY: lint-schema
lint-schema: ## Lint schema.graphql with graphql-eslint.
	@exec tests/setup/test.sh schema

.PHONY: schema
schema: ## Write schema.graphql from the code, and say what would break its clients.
	@exec tests/setup/schema.sh

.PHONY: bench
bench: ## Measure the release binary beside its baselines; wrk makes the load. Results: tests/bench/results.jsonl.
	@tests/setup/apt.sh wrk=wrk curl=curl
	@tests/setup/node.sh
	@$(ENV) cargo build --release --workspace --examples --bin plinth --bin plinth-bench --features plinth-server/graphiql
	@$(ENV) PLINTH_BIN="$$CARGO_TARGET_DIR/release/plinth" "$$CARGO_TARGET_DIR/release/plinth-bench"

.PHONY: soak
soak: ## What takes longer than a test may: 300 kills, a generated Python client.
	@exec tests/setup/soak.sh

.PHONY: fuzz
fuzz: ## Fuzz what reads documents, SECONDS_EACH=60 seconds each (builds cargo-fuzz once, some minutes).
	@exec tests/setup/fuzz.sh

.PHONY: audit
audit: ## Licences, bans and sources of the dependencies, by cargo-deny (built once, some minutes).
	@$(ENV) tools="$$PLINTH_CACHE/tools"; test -x "$$tools/bin/cargo-deny" || cargo install --quiet --locked --root "$$tools" cargo-deny@0.20.2
	@$(ENV) "$$PLINTH_CACHE/tools/bin/cargo-deny" check licenses bans sources

.PHONY: clean-cache
clean-cache: ## Remove builds and npm tools from the cache; the data of make run stays.
	@$(ENV) rm -rf "$$PLINTH_CACHE"/{target,tools,fuzz,dashboard,node-*,graphiql-*}
