# The interpreter everything runs with; needs `pip install -e '.[dev]'`.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help check format-check lint types contracts test faults optimized format demo bench pictures keys emit

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: format-check lint types contracts test  ## Check everything, as CI does

format-check:  ## Check the formatting
	$(PYTHON) -m ruff format --check .

lint:  ## Check style and likely mistakes
	$(PYTHON) -m ruff check .

types:  ## Check types, strictly
	$(PYTHON) -m mypy

contracts:  ## Check who imports whom
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test:  ## Run the tests
	$(PYTHON) -m pytest

faults:  ## Test against faults really injected: kills, full disks, lost rights (some minutes)
	$(PYTHON) -m pytest tests/faults --numprocesses=2

optimized:  ## Run the tests as production runs: no assert statement is executed
	PYTHONOPTIMIZE=1 PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest

format:  ## Format the sources
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

demo:  ## Open the viewer on the demo, with entries arriving
	$(PYTHON) -m dbview --demo --live

bench:  ## Measure against plain sqlite3 and a bare Textual app
	$(PYTHON) -m bench

pictures:  ## Draw the pictures of the README anew, from the real program
	$(PYTHON) -m docs.pictures

keys:  ## Write docs/keys.md anew, from the keys as the program states them
	$(PYTHON) -m docs.keys

emit:  ## Assemble recorder/emit.py, the one file for old environments, anew
	$(PYTHON) -m docs.amalgamation
