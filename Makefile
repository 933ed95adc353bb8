# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
ADAPTER_VERSION := 0.9.1
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/samstream

.PHONY: help demo test check package adapter node docs lock bench clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## the example through SAM and the macro, then served: what streams and what doesn't, without an AWS account
	@$(BIN)/samstream demo

test: $(VENV)/.installed $(VENV)/checkov/.installed ## all tests
	$(BIN)/pytest -n auto

check: $(VENV)/.installed docs ## format, lint, types and links of the documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy tests scripts benchmarks
	$(BIN)/mypy example/main.py

docs: $(VENV)/.installed ## the documentation as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.installed ## measure speed and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

package: $(VENV)/.installed ## the macro as one template: dist/samstream.yaml
	@$(BIN)/samstream package --force

adapter: $(CACHE)/.lambda-adapter-$(ADAPTER_VERSION) ## the real Lambda Web Adapter, built by cargo where samstream local and its tests look for it

$(CACHE)/.lambda-adapter-$(ADAPTER_VERSION):
	@command -v cargo >/dev/null || { echo 'cargo builds the adapter and is not on PATH: install Rust from https://rustup.rs' >&2; exit 1; }
	cargo install --quiet --locked --force --version $(ADAPTER_VERSION) --root $(CACHE) lambda_web_adapter
	@touch $@

node: $(VENV)/.installed ## AWS's runtime clients for Node.js, and a Node.js, where samstream local and its tests look for them
	@$(BIN)/python -m samstream_cli.local.node_clients

lock: $(UV) ## lock newer versions of everything
	$(UV) pip compile -q --upgrade $(LOCK) requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile -q --upgrade $(LOCK) requirements/checkov.in -o requirements/checkov.txt

clean: ## remove what make made
	rm -rf $(VENV) build dist *.egg-info .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links

# The environment. Its stamp depends on the locks, so a changed lock reinstalls and nothing else does.
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "samstream needs Python 3.11 or newer: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: requirements/dev.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/checkov/.installed: requirements/checkov.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)/checkov
	$(UV) pip install --quiet --python $(VENV)/checkov/bin/python --require-hashes -r requirements/checkov.txt
	@touch $@
