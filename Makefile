# `make` lists what there is. Everything works in a fresh clone with Python 3.11 or later, make and git.
.POSIX:
.SUFFIXES:

VENV = .venv
# `auto` is one process more than there are cores, at most 4: tests wait for servers more than they compute.
TEST_PROCESSES = auto
VENV_DEEP = .venv-deep
VENV_DOCS = .venv-docs
PYTHON =
ARGS =

BIN = $(VENV)/bin
INSTALL = VENV="$(VENV)" PYTHON="$(PYTHON)" sh requirements/install.sh

# Those that know a server by its URL, key and profile, and so do not mind which one it is.
COMPOSED_TESTS = tests/composed tests/e2e/test_api_keys.py tests/e2e/test_client_models.py tests/e2e/test_datasets.py \
	tests/e2e/test_guides.py tests/e2e/test_models.py tests/e2e/test_results.py

.PHONY: help install install-dev install-deep demo serve test test-fast test-deep test-composed chaos soak bench dist docs lint format generate lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

install: ## Make the environment that runs the server and the client, in .venv
	@$(INSTALL) runtime

install-dev: ## Make the environment that also tests, checks and generates
	@$(INSTALL) dev

install-deep: ## Make an environment of its own, .venv-deep, that also holds torch (serve from it: VENV=.venv-deep)
	@VENV="$(VENV_DEEP)" PYTHON="$(PYTHON)" sh requirements/install.sh deep

demo: install ## Detect anomalies in real data: starts a server, uses it, stops it
	@$(BIN)/python examples/demo.py

serve: install ## Keep a server running (ARGS="--port 8100 --data-dir DIR ...")
	@$(BIN)/pynomaly serve $(ARGS)

# Bytecode is kept whatever the environment says: each process would compile all modules and tests anew.
test: install-dev ## Run every test (ARGS="-k name" to choose)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: install-dev ## Run the tests that take no more than moments
	@$(BIN)/python -m pytest tests/unit tests/contract -m "not slow" $(ARGS)

test-deep: install-deep ## Run the tests of the algorithms that need torch
	@$(VENV_DEEP)/bin/python -m pytest -m deep tests/deep tests/unit/detectors $(ARGS)

test-composed: install-dev ## Run end-to-end tests against what docker-compose.yml says, through its load balancer
	@PYNOMALY_COMPOSED=1 $(BIN)/python -m pytest $(COMPOSED_TESTS) $(ARGS)

chaos: install-dev ## Run 2,000 jobs while everything they depend on fails, and many more requests (takes long)
	@PYNOMALY_CHAOS=whole $(BIN)/python -m pytest --timeout 0 -s tests/chaos tests/contract/test_served_contract.py $(ARGS)

soak: install-dev ## Mixed traffic for ten minutes, processes killed each minute (ARGS="--seconds 60")
	@$(BIN)/python -m tests.chaos.soak $(ARGS)

lint: install-dev ## Check style, types, room boundaries, the contract, the generated code and the pages
	@VENV="$(VENV_DOCS)" PYTHON="$(PYTHON)" sh requirements/install.sh docs
	@VENV="$(VENV)" VENV_DOCS="$(VENV_DOCS)" sh requirements/lint.sh

bench: install-dev ## Time every algorithm against PyOD's (ARGS="--full" for all data), batch jobs, serving and the clients
	@$(BIN)/python benchmarks/detectors.py $(ARGS)
	@$(BIN)/python benchmarks/jobs.py
	@$(BIN)/python benchmarks/serve.py
	@$(BIN)/python benchmarks/client.py
	@$(BIN)/python requirements/node.py build
	@$(BIN)/python requirements/node.py run js-sdk/benchmarks/fetch.mjs

dist: install-dev ## Build wheels, sources, the npm package and parts lists (CycloneDX) into dist/
	@$(BIN)/python requirements/dist.py

docs: ## Build the pages and the client's reference as a site in .data/site, which needs no network
	@VENV="$(VENV_DOCS)" PYTHON="$(PYTHON)" sh requirements/install.sh docs
	@NO_MKDOCS_2_WARNING=true $(VENV_DOCS)/bin/python -m mkdocs build --strict
	@echo "It is in .data/site; to search it: $(VENV_DOCS)/bin/python -m http.server --directory .data/site"

format: install-dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

generate: install-dev ## Write the generated code anew from the contract
	@PYTHONPATH=openapi $(BIN)/python -m codegen
	@$(BIN)/python requirements/node.py run js-sdk/build/types.mjs

lock: install-dev ## Write requirements/*.txt anew (UPGRADE=1 to take later versions)
	@UV="$(BIN)/uv" sh requirements/lock.sh

clean: ## Remove the environment, caches and the data of the demo
	@rm -rf "$(VENV)" "$(VENV_DEEP)" "$(VENV_DOCS)" js-sdk/node_modules js-sdk/dist .data dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache \
		.schemathesis .coverage examples/out
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
