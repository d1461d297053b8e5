.DEFAULT_GOAL := help
.PHONY: help install test check fmt lint types layers copies

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## A .venv with the package and its tools: .venv/bin/kubectl-hosts

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

test: install ## Everything that needs no cluster, in seconds
	$(BIN)/pytest -q

check: lint types layers copies ## Lint, types, layers, copies

fmt: install ## Put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell kubectl_hosts README.md

types: install
	$(BIN)/mypy

layers: install
	$(BIN)/lint-imports

copies: install
	@true
