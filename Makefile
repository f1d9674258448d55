# make demo        everything from nothing: servers, services, four years of a street, anomalies, Annex 2
#                  (make demo ARGS=--exit ends it cleanly; `.venv/bin/dibao demo --help` has the rest)
# make cluster     three Kafka processes and a PostgreSQL with a replica, on one machine, and all services
# make test        check, then every test, on servers of their own
# make quick       the tests that only compute, in about a minute: neither servers nor other tools
# make slow        what make test leaves out: further seeds of streets, memory, a million households (an hour, 3 GB)
# make chaos-quick every test of kills, freezes and lines that fail: those of make test, and what it leaves out
# make chaos       50 cycles of all that can befall, on one deployment (ten minutes or more, as root): docs/operations/chaos.md
# make cluster-test contract, privacy, and tests that kill, cut off and move, on three brokers (half an hour)
# make simulate    dibao's own code on models of its servers, in thousands of schedules of faults (ARGS=--minutes=10)
# make fuzz        look for inputs that break intake, for ten minutes (make fuzz ARGS="--minutes 60 --seed 7")
# make audit       ask for known weaknesses of what dibao is made of; needs a service that speaks OSV, and says if none answers
# make secrets     look for what looks like a secret in every version of every file (ARGS=--seconds=60 for a minute at most)
# make check       style, types, floors; runs nothing
# make bench       measure this machine
# make tools       what the tests use beside Python: parsers and SDKs (npm), kcat, Chromium, promtool; make test runs it
# make lock        requirements.in -> requirements.lock
# make clean       delete what tools have left; neither .venv nor data (.local: dibao down --purge)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The Python that makes the virtual environment: the first of these that is there.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.requirements.lock
PARSER := tests/contract/node_modules/.package-lock.json
PROMTOOL := $(BIN)/promtool

# Says every few seconds, for as long as the recipe's shell lives, how far what follows is: $(call saying,WORDS)
define saying
( passed=0; while sleep 4 > /dev/null 2>&1; do passed=$$((passed + 4)); echo "  $$passed s: $(1)"; done ) & \
	saying=$$!; trap 'kill $$saying 2> /dev/null || true' EXIT;
endef
INSTALLED = $$(find .venv/lib -maxdepth 3 -name '*.dist-info' ! -name 'pip-*' ! -name 'setuptools-*' | wc -l) of $$(grep -c '==' requirements.lock) packages installed

.PHONY: help demo cluster cluster-test test quick slow chaos-quick chaos simulate fuzz audit secrets check tools bench lock clean venv python

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

demo: venv
	@$(BIN)/dibao demo $(ARGS)

cluster: venv
	@$(BIN)/dibao up --brokers 3 --replica $(ARGS)
	@echo "Of every record two of three Kafka processes have a copy before it is acknowledged, of every row two PostgreSQL."
	@echo "docs/operations/cluster.md says what to try: kill one, fail over, add partitions."

cluster-test: venv
	@$(BIN)/python -m pytest --cluster -m "" -s $(or $(ARGS),$(CLUSTER_TESTS))

# What runs on three Kafka processes and a PostgreSQL with a replica: contract, privacy, and what kills and moves them.
CLUSTER_TESTS := tests/cluster tests/services/platform/pipeline tests/privacy

test: check tools
	@echo "Running the tests, in three processes with servers of their own"
	@$(BIN)/python -m pytest -n 3 $(ARGS)

quick: venv
	@$(BIN)/python -m pytest --quick -n 2 $(ARGS)

slow: venv
	@$(BIN)/python -m pytest -m slow -s --ignore tests/chaos/test_cycles.py $(ARGS)

chaos-quick: venv
	@$(BIN)/python -m pytest -s -m "" tests/chaos tests/deploy/test_anywhere.py tests/deploy/local/test_stack.py \
		tests/services/platform/secured/test_secured.py --ignore tests/chaos/test_cycles.py $(ARGS)

chaos: venv
	@$(BIN)/python -m pytest -s -m "" tests/chaos/test_cycles.py $(ARGS)

simulate: venv
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation $(ARGS)

# What guides it is there for Linux and needed by nothing else.
fuzz: venv
	@$(BIN)/python -c 'import atheris' 2> /dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --require-hashes -r tests/fuzz/requirements.lock
	@$(BIN)/python -m tests.fuzz $(ARGS)

audit: venv
	@$(BIN)/dibao supply audit $(ARGS)

secrets: venv
	@$(BIN)/python -m tests.house.history $(ARGS)

check: venv
	@echo "Checking style (ruff)"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "Checking SQL (sqlfluff) and types (mypy), side by side"
	@$(BIN)/mypy & types=$$!; trap 'wait $$types || exit 1' EXIT; \
	$(BIN)/sqlfluff lint --quiet projections
	@echo "Checking floors (import-linter)"
	@PYTHONPATH=. $(BIN)/lint-imports
	@echo "Checking the published contract (docs/contract)"
	@$(BIN)/dibao contract export --check

bench: venv
	@$(BIN)/dibao bench $(ARGS)

lock:
	@uv=$$(command -v uv || command -v $(BIN)/uv) || { \
		echo "make lock needs uv: install it (pip install uv)"; exit 1; }; \
	echo "Resolving requirements.in into requirements.lock"; \
	"$$uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		requirements.in -o requirements.lock

# What the tests use beside Python: the AsyncAPI parser and the CloudEvents SDK, from npm; kcat, and Chromium with
# Chinese characters.
PROGRAMS := kcat:kcat chromium:chromium
tools: $(PARSER) $(PROMTOOL)
	@missing=; for one in $(PROGRAMS); do command -v $${one#*:} > /dev/null || missing="$$missing $${one%:*}"; done; \
	if [ -n "$$missing" ]; then \
		case "$$missing" in *chromium*) missing="$$missing fonts-noto-cjk";; esac; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			echo "Installing$$missing (apt-get)"; \
			$(call saying,still at it) \
			export DEBIAN_FRONTEND=noninteractive; \
			apt-get install -qq -y $$missing > /dev/null 2>&1 \
				|| { apt-get update -qq && apt-get install -qq -y $$missing > /dev/null; }; \
		else \
			echo "The tests need kcat, which prints Kafka topics, and Chromium, which shows pages: install them (Debian:" \
				"apt install kcat chromium fonts-noto-cjk; macOS: brew install kcat chromium) and try again."; \
			exit 1; \
		fi; \
	fi

# What tries Prometheus' alert rules, alone: to install its package would start a server.
$(PROMTOOL): | venv
	@if found=$$(command -v promtool); then ln -sf "$$found" $@; exit 0; fi; \
	if ! command -v apt-get dpkg-deb > /dev/null; then \
		echo "The tests need promtool, which tries alerts: install Prometheus (brew install prometheus, or its release's" \
			"archive) and try again."; exit 1; fi; \
	echo "Fetching promtool (apt-get download prometheus)"; \
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; cd "$$folder"; \
	apt-get download -qq prometheus > /dev/null 2>&1 \
		|| { apt-get update -qq && apt-get download -qq prometheus > /dev/null; }; \
	dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool > promtool; \
	install -m 755 promtool $(CURDIR)/$@

$(PARSER): tests/contract/package-lock.json
	@command -v npm > /dev/null || { \
		echo "The tests need Node.js 20 or newer with npm, for what checks the contract in tests/contract: install it" \
			"(Debian, Ubuntu: apt install nodejs npm) and try again."; exit 1; }
	@echo "Installing what checks the contract into tests/contract (npm)"
	@$(call saying,still at it) npm ci --prefix tests/contract --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

clean:
	@echo "Deleting caches and ./out"
	@rm -rf out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find . -path ./.venv -prune -o -path ./.local -prune -o -name __pycache__ -print0 | xargs -0 -r rm -rf

venv: $(BIN)/dibao

# Installed only when the lock has changed since.
$(STAMP): requirements.lock
	@$(MAKE) python
	@if cmp -s requirements.lock $(STAMP); then touch $(STAMP); exit 0; fi; \
	if [ ! -x $(BIN)/python ]; then \
		echo "Making the virtual environment .venv with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv .venv || { echo "Python's venv module is missing: install it (Debian, Ubuntu:" \
			"apt install python3-venv), delete .venv and try again."; exit 1; }; \
	fi; \
	echo "Installing requirements.lock into .venv (a minute or two the first time)"; \
	$(call saying,$(INSTALLED)) \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	cp requirements.lock $(STAMP)

# Nothing has to be built: the program runs this checkout, from any folder. (What earlier versions put on Python's
# own path is taken away.)
$(BIN)/dibao: deploy/dibao $(STAMP)
	@rm -f .venv/lib/python3.*/site-packages/dibao.pth
	@cp deploy/dibao $@.new && chmod 755 $@.new && mv $@.new $@

python:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "dibao needs Python 3.11 or newer, but found $$("$(or $(PYTHON),python3)" --version 2>&1 || echo none):" \
			"install it (Debian, Ubuntu: apt install python3.11 python3.11-venv), or name it with make PYTHON=/path/to/python3.11"; \
		exit 1; \
	fi
