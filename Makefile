# `make` says what there is.

ARGS =
# How many tests run at a time; 0: all in one process.
JOBS = 2

# What is installed has a stamp, written last: an interrupted make starts that step again.
RUN = .venv/.run
TEST = .venv/.test
NODE = tests/wire/node/node_modules/.done
BROWSER = .venv/.browser

# 2> makes make ask a shell, which knows what is not a program.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
UV_READY = $(if $(filter uv,$(UV)),,.uv/.done)

FIND_PYTHON = for python in python3 python3.14 python3.13 python3.12 python3.11 ""; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Guestlist needs Python 3.11 or newer: install the packages python3 and python3-venv (Debian, Ubuntu) or get it from python.org." >&2; \
	  exit 1; \
	fi

.PHONY: help setup serve test lint prove bench lock messages clean

help:
	@echo "make setup    make the environment in .venv; the command line is .venv/bin/guestlist"
	@echo "make serve    serve a demo world from ./data (ARGS: options of 'guestlist demo')"
	@echo "make test     check style, types and layers, then run every test (ARGS: options of pytest; JOBS=0: one process)"
	@echo "make lint     check style, types and layers"
	@echo "make prove    50,000 examples of the model and every mutant, in an hour or two; goes on where it was (ARGS: --examples, --jobs)"
	@echo "make bench    measure (ARGS: options of the bench)"
	@echo "make lock     write the locks anew (ARGS=--upgrade: with the newest versions)"
	@echo "make messages bring the sentences of letters and pages into the catalogues of translations"
	@echo "make clean    remove what the others made, but not ./data"

setup: $(RUN)
	@echo "The environment is in .venv; the command line is .venv/bin/guestlist"

serve: $(RUN)
	@exec .venv/bin/guestlist demo $(ARGS)

test: lint $(NODE) $(BROWSER)
	@exec .venv/bin/python -m pytest -q -n $(JOBS) --dist loadfile $(ARGS)

lint: $(TEST)
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet || { .venv/bin/ruff format --check; exit 1; }
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo >.venv/layers.log || { cat .venv/layers.log; exit 1; }

prove: $(TEST)
	@exec .venv/bin/python -m tests.model.prove $(ARGS)

bench: $(RUN) $(UV_READY)
	@UV=$(UV) exec bench/run.sh $(ARGS)

lock: $(UV_READY)
	@$(LOCK) pyproject.toml -o requirements/run.txt
	@$(LOCK) pyproject.toml --group test -c requirements/run.txt -o requirements/test.txt
	@$(LOCK) --group uv -o requirements/uv.txt
	@$(LOCK) bench/requirements.in -o bench/requirements.txt

messages: $(RUN)
	@.venv/bin/python -m tests.languages.messages

clean:
	rm -rf .venv .venv-bench .uv .*_cache .hypothesis .proof .coverage dist
	rm -rf tests/wire/node/node_modules bench/peers/fastify/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

# An environment that has the tests' packages keeps them.
$(RUN): requirements/run.txt requirements/test.txt pyproject.toml $(UV_READY)
	@$(call INSTALL,$(if $(wildcard $(TEST)),test,run))
	@touch $@ $(wildcard $(TEST))

$(TEST): requirements/run.txt requirements/test.txt pyproject.toml $(UV_READY)
	@$(call INSTALL,test)
	@touch $(RUN) $@

INSTALL = test -x .venv/bin/python || { $(FIND_PYTHON); $(UV) venv --quiet --clear --python "$$python" .venv; } && \
	$(UV) pip sync --quiet --python .venv --require-hashes requirements/$(1).txt && \
	$(UV) pip install --quiet --python .venv --no-deps --editable .

.uv/.done: requirements/uv.txt
	@$(FIND_PYTHON); \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Python's venv module is missing: install the package python3-venv (Debian, Ubuntu) or Python from python.org." >&2; \
	  exit 1; \
	fi; \
	$$python -m venv --clear .uv && \
	.uv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# Without Node its tests name themselves as not run.
$(NODE): tests/wire/node/package.json tests/wire/node/package-lock.json
	@if node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1; then \
	  (cd tests/wire/node && npm ci --loglevel=error >/dev/null) && touch $@; \
	fi

# Without Chromium its tests name themselves as not run. Only Debian's can be installed unasked.
$(BROWSER): $(TEST)
	@command -v chromium >/dev/null 2>&1 || \
	if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium for the tests of the pages…" && \
	  { apt-get install -qq -y --no-install-recommends chromium || \
	    { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; }; \
	  } >.venv/chromium.log 2>&1 || true; \
	fi
	@touch $@
