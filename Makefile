# `make help` lists what there is. Options: PYTHON=/path/to/python3  PORT_BASE=9100  ARGS="..."

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install run demo smoke test check bench soak fmt clean up down force

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := shared scheduling-svc records-svc outcomes-svc notify-svc
TIERS := tests/unit tests/contract tests/component tests/e2e tests/faults
RUN_OPTIONS := $(if $(PORT_BASE),--port-base $(PORT_BASE)) $(ARGS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with everything in it (run, demo, test and the others do it by themselves)

run: $(STAMP) ## start the suite on this machine: no Docker, no Java; Ctrl-C stops it (PORT_BASE=9100, ARGS="...")
	@$(BIN)/fascia run $(RUN_OPTIONS)

demo: $(STAMP) ## play the chain on the running suite and show each event as it travels
	@$(BIN)/fascia demo $(ARGS)

smoke: $(STAMP) ## start a suite on free ports, play the chain, stop everything; honest exit code
	@folder=$$(mktemp -d) && $(BIN)/fascia run --run-dir "$$folder" --free-ports --exit-after-demo $(ARGS); code=$$?; \
	  if [ $$code -eq 0 ]; then rm -rf "$$folder"; else echo "smoke failed: logs in $$folder/logs"; fi; exit $$code

test: $(STAMP) ## all tests but the long ones
	@$(BIN)/python -m pytest -q -m "not soak" $(wildcard $(TIERS)) $(ARGS)

check: $(STAMP) ## lint, format, types, layers, compose file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/contract/test_compose.py
	@# Addresses of package indexes and image registries belong to the machine, not to the project.
	@! git grep -nIE '([p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(org|com)|[c]rates\.io|[d]ocker\.io|[g]hcr\.io|[q]uay\.io)' -- . \
	  || { echo 'a file names the host of a registry'; exit 1; }

bench: $(STAMP) ## measure, and write docs/benchmarks.md
	@$(BIN)/python tests/bench $(ARGS)

soak: $(STAMP) ## the long fault tests
	@$(BIN)/python -m pytest -q -s -m soak --timeout 7200 tests/faults $(ARGS)

fmt: $(STAMP) ## mend what tools can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

up: ## the production-like set in containers: Kafka, MongoDB, the services (needs an engine)
	@docker info >/dev/null 2>&1 || { echo 'make up needs a running Docker engine; without one: make run'; exit 1; }
	docker compose up --detach --build --wait

down: ## stop that set; its data stays in the named volumes
	@docker info >/dev/null 2>&1 || { echo 'make down needs a running Docker engine'; exit 1; }
	docker compose down

clean: ## remove .venv, caches and the data of the suite in .run
	@if $(BIN)/fascia status >/dev/null 2>&1; then echo 'a suite is running in this folder: stop it first'; exit 1; fi
	@rm -rf $(VENV) .run .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- installing --------------------------------------------------------------------------------------------------

# A virtual environment cannot be moved, and dies with its Python: then it is made again.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): force
else ifneq ($(shell $(BIN)/python -c 'print("alive")' 2>/dev/null),alive)
$(STAMP): force
endif

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

EDITABLE := -e './shared[embedded,dev]' $(patsubst %,-e ./%,$(filter-out shared,$(PACKAGES)))

$(STAMP): constraints.txt $(PACKAGES:%=%/pyproject.toml)
	@python=; seen=; bare=; \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	  version=$$("$$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue; \
	  seen="$$seen $$candidate=$$version"; \
	  "$$candidate" -c '$(FITS)' || continue; \
	  if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
	  bare="$$bare $$candidate"; \
	done; \
	if [ -z "$$python" ] && [ -n "$$bare" ]; then \
	  echo "fascia:$$bare cannot make virtual environments (no ensurepip): install python3-venv, then run make again"; exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "fascia needs Python 3.11, 3.12 or 3.13; found:$${seen:- none}. Install one, or name it: make install PYTHON=/path/to/python3"; \
	  exit 1; \
	fi; \
	echo "installing into $(VENV) with Python $$("$$python" -c 'import platform; print(platform.python_version())'), log in $(VENV)/install.log"; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV) || { echo "fascia: $$python could not make $(VENV): install python3-venv, then run make again"; exit 1; }
	@$(call pip,packages,-r constraints.txt)
	@$(call pip,own packages,--no-deps --no-build-isolation $(EDITABLE))
	@$(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check; echo 'fascia: constraints.txt does not hold all that the packages need'; exit 1; }
	@echo '  compiling the planner, about a minute'; $(BIN)/python -m scheduling_svc.planning.engines.warm_up
	@printf '%s' '$(CURDIR)' > $@

# pip, with a count instead of a page of output, and its reason for failing as one line.
define pip
log=$(VENV)/install.log; show=$$([ -t 1 ] && echo 1 || echo 0); \
{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off $(2) 2>&1; \
  echo "exit code $$?"; } | tee -a $$log | awk -v show=$$show -v what='$(1)' \
  '/^Collecting|^Processing|^Obtaining/ { n++; if (show) printf "\r  %s: %d found ", what, n; else if (n % 25 == 0) printf "  %s: %d found\n", what, n; fflush() } \
   /^Installing collected/ { if (show) printf "\r"; printf "  %s: %d found, installing\n", what, n; fflush() }'; \
[ "$$(tail -n 1 $$log)" = "exit code 0" ] || { \
  if grep -qiE "(gcc|cc|clang|c\+\+|cargo).*(not found|No such file)|unable to execute|compiler .* not|Failed building wheel|Failed to build" $$log; then \
    echo "fascia: a package has no wheel for this machine and could not be compiled: install a C compiler (Debian: build-essential), see $$log"; \
  elif grep -qiE "Temporary failure|NewConnection|ConnectTimeout|unreachable|Max retries|No matching dist|ResolutionImpossible" $$log; then \
    echo "fascia: the package index cannot be reached, or has no package for this machine, see $$log"; \
  else echo "fascia: pip failed: $$(grep -iE '^ERROR' $$log | tail -n 1), see $$log"; fi; exit 1; }
endef
