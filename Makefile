# Figpress from a clone: make run, make demo, make test. Each prepares what it needs, by itself.
.DEFAULT_GOAL := help
.SUFFIXES:

VENV := var/venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python3.13 python3.14 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: help setup run demo test lint bench chaos hosts abuse fuzz audit restore-test upgrade-test docs openapi assets lock clean

help: ## say what there is
	@echo "make run           everything in one terminal, at http://127.0.0.1:8000"
	@echo "make demo          draw real charts through the whole system, and check them"
	@echo "make test          all tests"
	@echo "make lint          style, types, import contracts, migrations, templates"
	@echo "make bench         the benchmarks"
	@echo "make chaos         2,000 jobs while workers and Redis are killed at random: none is lost"
	@echo "make hosts         three hosts as network namespaces, one of which is cut off; needs root, iproute2, PostgreSQL"
	@echo "make abuse         everything that people with bad intentions send, against a live installation"
	@echo "make fuzz          inputs led by coverage: spec, expressions, tables, URLs, cron lines, formats"
	@echo "make audit         insecure code, rules of our own, known holes in what ships, and its list (SBOM)"
	@echo "make restore-test  back up under load, lose all of it, and bring it back"
	@echo "make upgrade-test  the release before this one and this one, side by side"
	@echo "make docs          the documentation as a site, in var/site"
	@echo "make setup         only prepare what the others need"
	@echo "make openapi       write the API's description to tests/api/openapi.json"
	@echo "make assets        bundle the editor of the pages anew; needs Node.js and npm"
	@echo "make lock          compile requirements/*.in"
	@echo "make clean         remove what was made here, but for the data of make run"

setup: $(VENV)/.dev

run: $(VENV)/.local
	@$(BIN)/python -m project.run

demo: $(VENV)/.local
	@$(BIN)/python -m project.demo

# Tests with real processes wait more than they work: few cores serve twice as many of them.
PROCESSES ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores > 4 ? cores : 2 * cores)))

# First what uses the database, on PostgreSQL (where it is installed), then everything, on SQLite.
test: $(VENV)/.dev
	@$(if $(ARGS),,$(BIN)/python -m tests.postgres)
	@$(BIN)/pytest -n $(PROCESSES) --dist worksteal $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy project renderer tasks workers clients examples tests
	$(BIN)/lint-imports
	SECRET_KEY=lint FIGPRESS_EXAMPLES=1 DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --check --lint renderer/templates examples/shop/templates

bench: $(VENV)/.dev
	@for name in language drawing cost memory data pipeline scaling batches waiting pages; do echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

chaos: $(VENV)/.dev
	@$(BIN)/python -m tests.chaos $(ARGS)

hosts: $(VENV)/.dev
	@$(BIN)/python -m tests.hosts $(ARGS)

abuse: $(VENV)/.dev
	@$(BIN)/python -m tests.abuse $(ARGS)

SECONDS ?= 60

fuzz: $(VENV)/.fuzz
	@SECRET_KEY=fuzz $(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

audit: var/audit/.made
	@var/audit/bin/python -m tests.audit

restore-test: $(VENV)/.dev
	@$(BIN)/python -m tests.restore $(ARGS)

upgrade-test: $(VENV)/.dev
	@$(BIN)/python -m tests.upgrade $(ARGS)

# The variable silences an advertisement, and no warning about the pages.
docs: $(VENV)/.dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "It is in var/site. To read it: $(BIN)/python -m http.server --directory var/site 8080"

openapi: $(VENV)/.dev
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py export_openapi_schema --api renderer.api.v1.api \
		--indent 1 --output tests/api/openapi.json

# The bundle is committed: nobody needs Node.js to run or to test.
assets:
	@npm --prefix assets/editor ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@npm --prefix assets/editor run --silent build

# dev first: what the others choose is what the tests run with. The audit has an environment of its own.
lock: $(VENV)/.dev
	@for name in dev local base fuzz audit; do \
		case $$name in dev|audit) constraint=;; *) constraint="--constraint requirements/dev.txt";; esac; \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --annotation-style line $$constraint \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean:
	rm -rf $(VENV) var/demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# --- The virtual environment ----------------------------------------------------------------------------------
# The stamps are newer than the requirements they were made from: changed requirements are installed again.
# --no-deps: the lists are complete and pinned. pip before 23.3 would go and look for the newest of what a package asks
# for with an extra (`coverage[toml]`), and refuse it for not being the pinned one.

$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Figpress needs Python 3.11 or newer, and found none. Install it (for example: apt-get install python3 python3-venv)," >&2; \
		echo "or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; fi
	@rm -rf $(VENV) && mkdir -p var
	@$(PYTHON) -m venv $(VENV) >var/venv.log 2>&1 || { cat var/venv.log >&2; rm -rf $(VENV); \
		echo >&2; echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@rm -f var/venv.log && touch $@

$(VENV)/.local: requirements/local.txt $(VENV)/.made
	@echo "Installing packages; this takes about a minute, and only now."
	@$(PIP) install --require-hashes --no-deps --requirement $< || { echo >&2; \
		echo "The packages could not be installed; the reason stands above. Where one had to be built and could not:" >&2; \
		echo "install a C compiler and make (Debian and Ubuntu: apt-get install build-essential python3-dev)," >&2; \
		echo "or use Python 3.11 or 3.12, for which all come ready made: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.local
	@echo "Installing what the tests need."
	@$(PIP) install --require-hashes --no-deps --requirement $<
	@touch $@

# There are wheels for Linux on x86-64, and for some versions of Python. Where there are none, `make fuzz` says so.
$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.dev
	@$(PIP) install --require-hashes --no-deps --only-binary :all: --requirement $< && touch $@ || \
		echo "requirements/fuzz.txt could not be installed; the reason stands above."

# An environment of its own: semgrep pins what the tests need newer. Where it cannot be installed, the audit says what it
# has left out.
var/audit/.made: requirements/audit.txt $(VENV)/.made
	@echo "Installing what the audit needs."
	@rm -rf var/audit && $(BIN)/python -m venv var/audit
	@var/audit/bin/python -m pip --disable-pip-version-check --quiet --quiet install --no-compile --require-hashes --no-deps \
		--requirement $< && touch $@ || echo "requirements/audit.txt could not be installed; the reason stands above."
