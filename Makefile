# Everything goes through the environment in .venv, made from the pins in .ci/: those to run come
# first, those to develop with the first command that needs them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY_TO_RUN := $(VENV)/.ready-to-run
READY := $(VENV)/.ready
PINS_TO_RUN := .ci/requirements-run.txt
PINS := .ci/requirements-development.txt
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar on
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test test-more lint format bench bench-quick openapi pins clean

help:  ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

run: $(READY_TO_RUN)  ## Start the service with servers of its own; options: make run ARGS="--demo --port 8123"
	@exec $(BIN)/nextlead dev $(ARGS)

test: lint  ## Lint, types, import contracts, tests; options: make test ARGS="-k claim"
	$(BIN)/pytest -n 3 --dist loadfile -m "not more" $(ARGS)

test-more: $(READY)  ## The tests that take long, or need Chromium, nginx, PgBouncer, Prometheus or wrk
	$(BIN)/pytest -n 2 --dist loadfile -m more $(ARGS)
	$(BIN)/pytest -n 2 --dist loadfile -m "hypothesis and not more" --hypothesis-profile long $(ARGS)

lint: $(READY)  ## Style, types, import contracts, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile

format: $(READY)  ## Put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## Measure the service beside floors and other queues, in the same run
	$(BIN)/python -m bench $(ARGS)

bench-quick:  ## The main ratios to the floor, in under 90 s: name, ratio, target
	@$(MAKE) --no-print-directory -s $(READY) >&2
	@$(BIN)/python -m bench --quick

openapi: $(READY)  ## Write openapi.yaml, and the models of the client
	$(BIN)/nextlead openapi > openapi.yaml
	$(BIN)/python clients/python/generate.py

pins: $(READY)  ## Pin the dependencies, with hashes
	$(COMPILE) pyproject.toml --extra embedded --extra otel --group development -o $(PINS)
	$(COMPILE) pyproject.toml --extra embedded --group build -c $(PINS) -o $(PINS_TO_RUN)
	$(COMPILE) pyproject.toml --extra otel -c $(PINS) -o .ci/requirements.txt

clean:  ## Remove the environment and what tools left behind; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nextlead needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(READY_TO_RUN): $(PINS_TO_RUN) pyproject.toml | $(VENV)/.made
	@echo "Installing what the service needs into $(VENV); this happens once."
	@$(PIP) --only-binary :all: --require-hashes -r $(PINS_TO_RUN)
	@$(PIP) --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(READY): $(PINS) $(READY_TO_RUN)
	@echo "Installing what tests and checks need into $(VENV); this happens once."
	@$(PIP) --only-binary :all: --require-hashes -r $(PINS)
	@touch $@
