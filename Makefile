# Everything a person does with this repository. Needs python3 (3.11 or later on the machine), pip, npm and make;
# nothing is installed outside this folder and the user's caches, except Debian's Chromium for `make test`.
# Arguments pass through: make up ARGS="--port 9000 --fresh"

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
ARGS ?=

BOOTSTRAP := .mercato/bootstrap
UV_VERSION := 0.13.9
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(BOOTSTRAP)/bin/uv)
BIN := .venv/bin
CHROMIUM := /usr/bin/chromium

# Use the machine's Python; never fetch an interpreter.
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help
help: ## List these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# exec: the signals of a Ctrl-C must meet the program itself, not a shell between make and it.
.PHONY: up
up: sync ## Start everything on this machine (ARGS="--port N --fresh --products N --data-dir DIR")
	@exec $(BIN)/mercato up $(ARGS)

.PHONY: fresh
fresh: sync ## Start everything, with all data removed first
	@exec $(BIN)/mercato up --fresh $(ARGS)

.PHONY: doctor
doctor: sync ## Say what is wrong with this setup, line by line
	@exec $(BIN)/mercato doctor $(ARGS)

.PHONY: test
test: sync browser ## Run all tests (ARGS="-k price -x")
	@exec $(BIN)/pytest $(ARGS)

.PHONY: fuzz
fuzz: sync ## Fuzz the whole API as every kind of caller, for minutes (FUZZ_EXAMPLES=500)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/pytest tests/integration/test_fuzz.py $(ARGS)

.PHONY: lint
lint: sync ## Style, types, import contracts, migrations, container files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) lint-sql lint-containers

.PHONY: lint-sql
# The files of a revision hold statements apart by lines `-- next`, and each revision is one transaction. Left out: counts
# and versions need no 64 bits; how long a migration may take is for whoever runs it to say.
lint-sql: sync
	@for file in migrations/versions/sql/*.up.sql; do \
	    echo "squawk $$file"; \
	    sed 's/^-- next$$/;/' "$$file" | $(BIN)/squawk --pg-version 18.0 --assume-in-transaction \
	        --exclude prefer-bigint-over-int,require-statement-timeout --stdin-filepath "$$file" || exit 1; \
	done

.PHONY: lint-containers
lint-containers: sync
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: format
format: sync ## Put the code into the house format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: openapi
openapi: sync ## Write down the API description, after it was changed on purpose
	@$(BIN)/python -m tests.architecture.write_openapi

.PHONY: bench
bench: sync ## Measure against the limits, with 100,000 products (takes minutes)
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: sync
sync: $(UV)
	@$(UV) sync --frozen --quiet

$(BOOTSTRAP)/bin/uv:
	@echo "Installing uv $(UV_VERSION) into $(BOOTSTRAP) …"
	@python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
	    --target $(BOOTSTRAP) uv==$(UV_VERSION)

# Without a browser its tests fail and say so; all others run all the same.
.PHONY: browser
browser:
	@[ -x $(CHROMIUM) ] && exit 0; \
	echo "Installing Chromium for the browser tests …"; \
	as_root=; [ "$$(id -u)" = 0 ] || { [ -t 0 ] && as_root=sudo || as_root="sudo -n"; }; \
	{ $$as_root apt-get update -qq && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      chromium fonts-liberation >/dev/null; } || \
	echo "Chromium could not be installed: the browser tests will fail. Install it with: sudo apt-get install chromium" >&2
