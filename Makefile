# Two commands from a fresh machine: `make run` and `make test`.
# Any further arguments for pip: make run PIP="--index-url ..." (on Linux, plain PyTorch brings CUDA; see README)

PYTHON ?= python3
PIP ?=
BIN := .venv/bin

.PHONY: help run test quick lint bench words screenshots

help:
	@echo "make run | test | quick | lint | bench | words | screenshots"

run: .venv/run  ## open the Playground
	$(BIN)/streamlit run app.py

test: lint  ## lint, types and all tests
	$(BIN)/pytest -q -n auto

quick: lint  ## lint, types and the tests that take no time
	$(BIN)/pytest -q -n 2 -m "not slow"

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## ratios and medians, nothing is written
	$(BIN)/python -m benchmarks

words: .venv/dev  ## bring fbviz/locale/zh.po up to date with the code
	$(BIN)/python -m tests.catalogue

screenshots: .venv/dev  ## take the README's pictures from the app as it is now
	$(BIN)/python -m tests.browser.screenshots

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "fbviz needs Python 3.11 or later; say which: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/made pyproject.toml
	$(BIN)/python -m pip install --quiet $(PIP) -e .
	touch $@

.venv/dev: .venv/made pyproject.toml
	$(BIN)/python -m pip install --quiet $(PIP) -e '.[dev]'
	touch $@ .venv/run
