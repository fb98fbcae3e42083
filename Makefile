# Batch Norm Lab. `make` lists the targets. Needs Python 3.11 to 3.13 and make; offline once installed.
PORT ?= 8501
# The first Python that TensorFlow has wheels for.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?= tests
# A file at a time each, in the order of tests/conftest.py; a third process works where the other two wait.
SHARED := -n 3 --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help
.PHONY: help run test check format bench mutants browser proxy clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## Serve the app at http://localhost:8501 (PORT=… changes it)
	@exec $(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: .venv/.dev browser proxy ## Run every test, those in a browser last (TESTS=… chooses)
ifeq ($(TESTS),tests)
	@red=0; $(BIN)/python -m pytest $(SHARED) --ignore tests/browser tests || red=1; \
		$(BIN)/python -m pytest $(SHARED) tests/browser || red=1; exit $$red
else
	@$(BIN)/python -m pytest $(TESTS)
endif

check: .venv/.dev ## Format and lint checks, then every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(MAKE) --no-print-directory test

format: .venv/.dev ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: .venv/.dev ## Print the benchmark tables
	@for file in $$(grep -l __main__ benchmarks/*.py) benchmarks/*/__main__.py; do \
		name=$${file#benchmarks/}; name=$${name%/__main__.py}; \
		$(BIN)/python -m benchmarks.$${name%.py} || exit 1; echo; done

mutants: .venv/.dev ## Break the engine on purpose, fault by fault, and see a test fail
	@$(BIN)/python -m tests.mutants

clean: ## Remove the virtual environment and every cache
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis test-results bn_core/build bn_core/*.egg-info

browser: .venv/.dev # Install a Chromium where we may; say loudly where we may not
	@$(BIN)/python tests/browser/find.py || tests/browser/install.sh

proxy: # Install an nginx where we may; say loudly where we may not
	@PATH=$$PATH:/usr/sbin command -v nginx >/dev/null || tests/deploy/install.sh

.venv/.run: requirements.txt | .venv/.made
	@echo "Installing what the app runs on, once: about 2 GB in .venv, a few minutes …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements-cluster.txt .venv/.run
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: https://www.python.org/downloads/" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "python -m venv failed; trying to install python3-venv …" >&2; \
		rm -rf .venv; [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y python3-venv && \
		$(PYTHON) -m venv .venv; } || { echo "On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@touch $@
