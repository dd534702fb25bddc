# Everything installs what it needs into .venv; nothing is written elsewhere but temporary folders.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin
TESTS ?=
# Most of a rehearsal is waiting: three at once keep two cores busy.
WORKERS ?= 3

.PHONY: help demo test check chaos bench clean

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 10

demo: $(BIN)/campaign ## Run a whole campaign on this machine, kill -9 included
	@$(BIN)/campaign demo

test: .venv/dev ## Run the whole test suite (no database server needed)
ifeq ($(TESTS),)
	@$(BIN)/python -m pytest -q --numprocesses $(WORKERS) --dist loadfile -m 'not chaos and not alone'
	@$(BIN)/python -m pytest -q -m 'alone and not chaos'
else
	@$(BIN)/python -m pytest $(TESTS)
endif

check: .venv/dev ## Check format, lint, types, layers and unit tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/unit

chaos: .venv/dev ## Kill, pause and cut things at random for a long time
	@$(BIN)/python -m pytest -m chaos -s tests/rehearsal

bench: .venv/dev ## Measure rendering, planning, webhooks, and the pipeline against a bare loop (needs nginx)
	@$(BIN)/python -m benchmarks.rendering
	@$(BIN)/python -m benchmarks.planning
	@$(BIN)/python -m benchmarks.webhooks
	@$(BIN)/python -m benchmarks.marks
	@$(BIN)/python -m benchmarks.pipeline

clean: ## Remove the virtual environment and caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "campaign needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing: install it (Debian: apt install python3-venv)" >&2; exit 2; }

$(BIN)/campaign: .venv/bin/python pyproject.toml constraints.txt
	@echo "installing campaign into .venv ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: $(BIN)/campaign constraints-dev.txt
	@echo "installing the tools of development ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints-dev.txt
	@touch $@
