# Every target makes its own environment in .venv, so each works on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

FUZZED := stix misp galaxy navigator maco observations query table list golden json pattern pe elf macho dotnet zip tar lua
TARGET ?= all
SECONDS ?= 120

# A worker for each processor, so that none needs threads of its own; what tests compile serves the processes they start.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
test check-long: export OPENBLAS_NUM_THREADS := 1
test check-long: export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint shape docs check check-long fuzz bench accuracy cases format clean

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

# Only a newer pip than Python brings along knows `--group`; all else is resolved and installed at once. Python compiles
# what it imports, which is a small part of what is installed.
.venv/installed-test: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	$(PIP) --no-compile --editable '.[postgresql]' --group test --group interop
	touch .venv/installed $@

demo: .venv/installed ## the published Sandman case, offline: prints the assessment, writes demo/
	$(BIN)/consilience demo

test: .venv/installed-test ## the test suite; with PostgreSQL as `.ci/postgresql make test`
	$(PYTEST) -m "not long"

lint: .venv/installed-test ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

shape: .venv/installed-test ## how big, how tangled, how typed each room is; fails when a limit is broken
	$(BIN)/python -m tests.architecture.shape

docs: .venv/installed-test ## the pages as a site in build/site; a broken link fails
	$(PIP) --group docs
	$(BIN)/mkdocs build --quiet --strict --clean --site-dir build/site

check: lint shape docs test ## all that CI runs

check-long: .venv/installed-test ## the suites that take minutes
	$(PYTEST)

fuzz: .venv/installed-test ## search for input that breaks a parser: TARGET=stix|misp|...|all SECONDS=120
	$(PIP) --group fuzz
	for each in $(if $(filter all,$(TARGET)),$(FUZZED),$(TARGET)); do \
		$(BIN)/python -m tests.hostile.fuzz $$each $(SECONDS) || exit 1; \
	done

cases: .venv/installed-test ## the table of golden cases: expectations met and missed
	$(BIN)/python benchmarks/golden_cases.py

bench: .venv/installed-test ## speed of the main paths, beside a baseline in the same run
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/sweep.py
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/writing_stix.py

accuracy: .venv/installed-test ## every protocol of accuracy on the development data; minutes
	$(PIP) --group bench
	$(BIN)/python benchmarks/accuracy/all.py $(if $(DATA),--data $(DATA))

format: .venv/installed-test ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## forget the environment and what the demo wrote
	rm -rf .venv demo build dist
