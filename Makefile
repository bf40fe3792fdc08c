# What one does with this repository; `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help run test check bench clean lock python run-packages dev-packages bench-packages

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: run-packages ## The whole service with demonstration data (another port: make run PORT=9000)
	@$(if $(PORT),SAMATTHANA_PORT="$(PORT)") $(BIN)/samatthana serve --demo

test: dev-packages ## All tests (some of them: make test ARGS="tests/engine -x")
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),tests --numprocesses 2 --dist loadfile)

check: dev-packages ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: bench-packages ## Benchmarks against other packages; tables and plots for docs/benchmarks.md
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),benchmarks) -o python_files='bench_*.py' -W ignore -p no:warnings \
		--benchmark-columns=min,median,rounds --benchmark-json=.benchmarks/run.json
	@$(if $(ARGS),,$(BIN)/python -m benchmarks.figures .benchmarks/run.json docs)

clean: ## Remove what can be made again; the data folder .samatthana stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.benchmarks .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## Pin the newest versions that fit requirements/*.in (needs uv, see docs/operating.md)
	$(LOCK) --upgrade requirements/run.in --output-file requirements/run.txt
	$(LOCK) --upgrade --constraint requirements/run.txt requirements/dev.in \
		--output-file requirements/dev.txt
	$(LOCK) --upgrade --constraint requirements/dev.txt requirements/bench.in \
		--output-file requirements/bench.txt

# Packages are installed when the pinned list differs from the one noted at the last installation.
# The development list contains that of running, and that of benchmarks both.

run-packages:
	@cksum requirements/run.txt pyproject.toml | cmp -s - $(VENV)/run.stamp || $(MAKE) -s install-run

dev-packages:
	@cksum requirements/dev.txt pyproject.toml | cmp -s - $(VENV)/dev.stamp || $(MAKE) -s install-dev

bench-packages: dev-packages
	@cksum requirements/bench.txt pyproject.toml | cmp -s - $(VENV)/bench.stamp || $(MAKE) -s install-bench
	@mkdir -p .benchmarks

.PHONY: install-run install-dev install-bench
install-run install-dev install-bench: install-%: python
	@echo "Installing packages into $(VENV) (a minute or two the first time) ..."
	@$(PIP) --require-hashes --requirement requirements/$*.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@cksum requirements/run.txt pyproject.toml > $(VENV)/run.stamp
	@cksum requirements/$*.txt pyproject.toml > $(VENV)/$*.stamp

python:
	@$(BIN)/python -c 'import pip' 2>/dev/null || { \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, as $(PYTHON); name another: make PYTHON=python3.12 ..." >&2; \
		exit 1; }; \
	$(PYTHON) -m venv --clear $(VENV) || { \
		echo "Python's module venv is needed (on Debian and Ubuntu: apt install python3-venv)." >&2; \
		exit 1; }; }
