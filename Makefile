.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types layers copies fmt e2e bench dist krew-test clean

VENV ?= .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PYTHON ?= python3
PYTEST_ARGS ?=
CAPTURE := examples/capture.json

help: ## List the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## A .venv with the package and its tools: .venv/bin/kubectl-hosts

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: install ## show, diff and explain on a captured example; no cluster
	$(BIN)/kubectl-hosts show -f $(CAPTURE)
	$(BIN)/kubectl-hosts show hostaliases-pod -f $(CAPTURE)
	$(BIN)/kubectl-hosts diff edited -f $(CAPTURE) || test $$? -eq 1
	$(BIN)/kubectl-hosts explain redis --from deploy/cart -f $(CAPTURE)

test: install ## Everything that needs no cluster, in seconds
	$(BIN)/pytest -q $(PYTEST_ARGS)

check: lint types layers copies ## Lint, types, layers, copies

fmt: install ## Put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell $(wildcard kubectl_hosts tests examples docs *.md)

types: install
	$(BIN)/mypy

layers: install
	$(BIN)/lint-imports

copies: install
	$(BIN)/pylint kubectl_hosts

e2e: install ## The real cluster in KUBECONFIG, made and left as it was
	$(BIN)/pytest -q tests/e2e $(PYTEST_ARGS)

bench: install ## Wall times as ratios to kubectl, on the cluster in KUBECONFIG
	$(BIN)/python -m tests.bench

dist: $(VENV)/.dist-installed ## The wheel, the source archive and this platform's archive for krew, in dist/
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m krew.build_archive dist
	$(BIN)/python -m krew.try_archive dist

$(VENV)/.dist-installed: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dist]'
	@touch $@

krew-test: $(VENV)/.dist-installed ## The archive, by the real krew on the cluster in KUBECONFIG: make krew-test KREW=PATH
	@test -x "$(KREW)" || { echo "error: KREW=PATH names krew's executable; build it: git clone its repository, go build ./cmd/krew" >&2; exit 2; }
	@test -n "$$KUBECONFIG" || { echo "error: KUBECONFIG names the cluster to try it on" >&2; exit 2; }
	@test -f dist/hosts.yaml || $(MAKE) dist
	$(BIN)/python -m krew.try_krew "$(KREW)" dist

clean: ## Remove what the other targets made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
