# Everything goes through the environment in .venv, made from the pins in .ci/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PINS := .ci/requirements-development.txt

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench openapi pins clean

help:  ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 10

run: $(READY)  ## Start the service with servers of its own; options: make run ARGS="--demo --port 8123"
	@exec $(BIN)/nextlead dev $(ARGS)

test: lint  ## Lint, types, import contracts, all tests; options: make test ARGS="-k claim"
	$(BIN)/pytest -n 3 --dist loadfile $(ARGS)

lint: $(READY)  ## Style, types, import contracts, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/hadolint Dockerfile

format: $(READY)  ## Put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## Measure the service beside a floor, in the same run
	$(BIN)/python -m bench $(ARGS)

openapi: $(READY)  ## Write openapi.yaml anew
	$(BIN)/nextlead openapi > openapi.yaml

pins: $(READY)  ## Pin the dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml \
		-o .ci/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml \
		--extra embedded --group development -o $(PINS)

clean:  ## Remove the environment and what tools left behind; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): $(PINS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nextlead needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(PINS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
