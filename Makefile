# `make help` lists the targets from the ## comments behind them; `make` alone does the same.
# All need only Python 3.11 or newer, make, and a network to the package index for the first run.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Tests wait more than they compute: two workers take about half the time of one, on one core too.
WORKERS ?= 2
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help

.PHONY: help install demo test test-long kills lint check bench samples reference lock format clean

help:                   ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)$$/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

install: $(STAMP)       ## the environment .venv with every pinned package and this one

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)          ## the main job with real processes and real signatures (KEEP=1 leaves it running)
	$(BIN)/python samples/demo/demo_run.py $(if $(KEEP),--keep)

test: $(STAMP)          ## everything once, at most 10 minutes
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "not long"

test-long: $(STAMP)     ## the counts that the specification names, at most 80 minutes
	$(BIN)/python -m pytest -q -n $(WORKERS)

kills: $(STAMP)         ## kills at random moments under load, on both databases (KILLS=200, SEED=… repeats a run)
	KILLS=$(or $(KILLS),200) $(if $(SEED),SEED=$(SEED)) $(BIN)/python -m pytest -q -n 0 tests/acceptance/test_acceptance_kills.py -k random_moments

lint: $(STAMP)          ## format, lint, types, import rules: what takes seconds
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint             ## lint, then tests: what has to pass before a change lands
	$(MAKE) test

bench: $(STAMP)         ## what a message costs, as ratios
	$(BIN)/python benchmarks/run.py

samples: $(STAMP)       ## make the golden pack again; changes no byte
	$(BIN)/python samples/make_samples.py

reference: $(STAMP)     ## make docs/reference/fr and nl again from XSD, WSDL and the catalogue; changes no byte
	$(BIN)/python docs/make_reference.py

format: $(STAMP)        ## put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:                   ## pin every dependency, with hashes (needs pip-tools)
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --extra dev -o requirements-dev.lock pyproject.toml

clean:                  ## take away the environment, caches and what the demonstration left
	rm -rf $(VENV) demo-run .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
