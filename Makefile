.DEFAULT_GOAL := help
.PHONY: help install demo test test-newest check lint types layers copies dead lock fmt e2e e2e-releases bench fuzz dist krew-test site clean

VENV ?= .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PYTHON ?= python3
PYTEST_ARGS ?=
CAPTURE := examples/capture.json
LOCK := requirements-dev.lock
LOCK_ARGS ?=
PIP := pip --disable-pip-version-check --quiet
# The program alone, for `make demo`; the tool that makes the lock; the newest of everything.
DEMO := $(VENV)-demo
LOCKER := $(VENV)-lock
NEWEST := $(VENV)-newest
KUBECTL_HOSTS := $(DEMO)/$(notdir $(BIN))/kubectl-hosts

help: ## List the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What pip does for what it copies, and not for what it links: without it, and with
# PYTHONDONTWRITEBYTECODE in the environment, each start would compile the program anew.
compiled = $(BIN)/python -m compileall -q kubectl_hosts

install: $(VENV)/.installed ## A .venv with the package and its tools: .venv/bin/kubectl-hosts

$(VENV)/.installed: pyproject.toml $(LOCK)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/$(PIP) install --require-hashes --requirement $(LOCK)
	$(BIN)/$(PIP) install --no-deps --no-build-isolation --editable .
	$(compiled)
	@touch $@

# uv, because one file has to serve every Python from 3.10 on and every platform. No address of a
# registry gets into it: it holds on any machine.
lock: ## requirements-dev.lock after a change of pyproject.toml; LOCK_ARGS=--upgrade: the newest
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/$(notdir $(BIN))/$(PIP) install uv
	$(LOCKER)/$(notdir $(BIN))/uv pip compile --quiet --universal --python-version 3.10 --all-extras \
		--generate-hashes --no-annotate --no-header --no-emit-index-url $(LOCK_ARGS) \
		--output-file $(LOCK) pyproject.toml

$(DEMO)/.installed: pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/$(notdir $(BIN))/$(PIP) install --editable .
	@touch $@

define shown
	@printf '\n$$ %s\n' '$(KUBECTL_HOSTS) $(1)'
	@$(KUBECTL_HOSTS) $(1)
endef

demo: $(DEMO)/.installed ## show, diff and explain on a captured example; no cluster
	$(call shown,show -f $(CAPTURE))
	$(call shown,show hostaliases-pod -f $(CAPTURE))
	$(call shown,diff edited -f $(CAPTURE)) || test $$? -eq 1
	$(call shown,explain redis --from deploy/cart -f $(CAPTURE))
	@printf '\nTry next:\n'
	@printf '\n  # %s\n  %s\n' \
		'the same name, asked from every pod with a label' \
		'$(KUBECTL_HOSTS) explain redis -l app=cart -f $(CAPTURE)' \
		'manifests, before they are applied' '$(KUBECTL_HOSTS) show -f examples/mistakes' \
		'a pod of the cluster that kubectl uses' '$(KUBECTL_HOSTS) show POD' \
		'why a name leads where it does there' '$(KUBECTL_HOSTS) explain NAME --from POD'

test: install ## Everything that needs no cluster, in seconds
	$(BIN)/pytest -q $(PYTEST_ARGS)

test-newest: ## The same with the newest release of everything, in a venv of its own
	rm -rf $(NEWEST)
	$(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/$(notdir $(BIN))/$(PIP) install --upgrade --editable '.[dev]'
	$(NEWEST)/$(notdir $(BIN))/python -m pytest -q $(PYTEST_ARGS)

check: lint types layers copies dead ## Lint, types, layers, copies, dead code

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

# What only tests use is dead, too: they are not looked at. vulture knows attributes and parameters,
# tests/reachable.py what is used by dead code alone.
dead: install
	$(BIN)/vulture
	$(BIN)/python -m tests.reachable

# Public reports rebuilt, with what has to be said; they stand beside the repository.
FIELD ?= ../shared/cases/field/run

e2e: install ## The real cluster in KUBECONFIG, made and left as it was
	$(compiled)
	$(BIN)/pytest -q tests/e2e $(PYTEST_ARGS)
	test ! -x "$(FIELD)" || $(FIELD) $(BIN)/kubectl-hosts

# The real cluster of other releases, one after the other: each is built once, brought up, tried and
# taken down. Whatever stands there now (1.34, for `make e2e`) has to be down.
REALCLUSTER ?= ../shared/realcluster
RELEASES ?= 1.32 1.37

e2e-releases: install ## The same on the real cluster of RELEASES, one after the other
	@for release in $(RELEASES); do \
		printf '\n== Kubernetes %s\n' "$$release"; \
		export REALCLUSTER_VERSION=$$release; \
		$(REALCLUSTER)/cluster install && $(REALCLUSTER)/cluster up || exit 1; \
		( eval "$$($(REALCLUSTER)/cluster env)"; \
			REALCLUSTER_DIR=$$(dirname "$$(dirname "$$KUBECONFIG")") E2E_IMAGES=realcluster \
			$(BIN)/pytest -q tests/e2e $(PYTEST_ARGS) ); status=$$?; \
		$(REALCLUSTER)/cluster down; \
		test $$status -eq 0 || exit $$status; \
	done

site: install ## The pages as a site, in site/
	$(BIN)/mkdocs build --strict

bench: install ## Wall times as ratios to kubectl, on the cluster in KUBECONFIG
	$(compiled)
	$(BIN)/python -m tests.bench

# atheris has wheels for Linux alone; FUZZ_SECONDS=60 is what CI takes, shared by all targets.
fuzz: install ## Every parser for an hour, by coverage: FUZZ_SECONDS=3600, FUZZ_TARGETS="corefile yaml"
	$(BIN)/$(PIP) install --requirement tests/fuzz/requirements.txt
	$(BIN)/python -m tests.fuzz $(FUZZ_TARGETS)

dist: install ## The wheel, the source archive and this platform's archive for krew, in dist/
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m krew.build_archive dist
	$(BIN)/python -m krew.try_archive dist

krew-test: install ## The archive, by the real krew on the cluster in KUBECONFIG: make krew-test KREW=PATH
	@test -x "$(KREW)" || { echo "error: KREW=PATH names krew's executable; build it: git clone its repository, go build ./cmd/krew" >&2; exit 2; }
	@test -n "$$KUBECONFIG" || { echo "error: KUBECONFIG names the cluster to try it on" >&2; exit 2; }
	@test -f dist/hosts.yaml || $(MAKE) dist
	$(BIN)/python -m krew.try_krew "$(KREW)" dist

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(DEMO) $(LOCKER) $(NEWEST) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache site
