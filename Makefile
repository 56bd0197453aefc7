# make run: everything.  make test: everything needed, then all tests.  See README.md.
.DEFAULT_GOAL := help
SHELL := /bin/sh
DATA ?= ./var
PORT ?= 8000
PYTHON ?= python3
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.PHONY: help run setup test check check-fast bench lock messages clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: setup ## everything, with a small company in it; PORT=… and DATA=… change the defaults, ANEW=1 makes the company anew
	@exec $(BIN)/jieli run --demo --port "$(PORT)" --data "$(DATA)" $(if $(ANEW),--anew)

setup: $(STAMPS)/project $(STAMPS)/compiled $(STAMPS)/frontend ## the virtual environment, the front end, the translations
	@$(BIN)/jieli messages

test: setup ## all tests, with a real PostgreSQL and a real browser
	$(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder $(TESTS)

check: setup ## lint, types, contracts, migrations, translations, API description, lock files
	$(BIN)/python tests/check.py

check-fast: setup ## what fits into a minute: lint, contracts, the tests that need no database
	$(BIN)/python tests/check.py --fast
	$(BIN)/pytest -q -n auto -m "not slow and not browser and not database"

bench: setup ## all measurements
	$(BIN)/jieli bench all

messages: setup ## take new texts into the translation files
	$(BIN)/jieli messages --update

lock: ## make the lock files anew (needs uv; writes no registry address)
	uv lock
	uv export --frozen --all-groups --no-emit-project --no-header --no-emit-index-url -o requirements.lock
	npm install --package-lock-only --ignore-scripts

clean: ## remove everything that was made, except the data
	rm -rf $(VENV) node_modules src/jieli/ui/static/ui/build src/jieli/lib/fonts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# A virtual environment that was moved or half made is made again: its python must run, and pip in it.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit("Jieli needs Python 3.11 or newer, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	      { apt-get install -y --no-install-recommends python3-venv || { apt-get update && apt-get install -y --no-install-recommends python3-venv; }; } >/dev/null; \
	    else echo "Python's venv is missing. Run:  sudo apt-get install -y python3-venv" >&2; exit 1; fi; }; \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: requirements.lock $(STAMPS)/venv
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Where Python may not keep bytecode when it runs, each start would compile all anew.
$(STAMPS)/compiled: $(shell find src -name '*.py' 2>/dev/null) $(STAMPS)/project
	@$(BIN)/python -m compileall -q src
	@touch $@

$(STAMPS)/node: package.json package-lock.json .npmrc $(STAMPS)/venv
	@command -v npm >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    { apt-get install -y --no-install-recommends nodejs npm || { apt-get update && apt-get install -y --no-install-recommends nodejs npm; }; } >/dev/null; \
	  else echo "Node.js is missing. Run:  sudo apt-get install -y nodejs npm" >&2; exit 1; fi; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The build looks for icons in every template.
FRONTEND := $(shell find frontend -type f 2>/dev/null) $(shell find src -path '*/templates/*' -name '*.html' 2>/dev/null)
$(STAMPS)/frontend: $(FRONTEND) $(STAMPS)/node
	npm run --silent build
	@touch $@
