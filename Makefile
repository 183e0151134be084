# Needs python3 (3.11 or newer, with venv), git and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MINUTES := 1

.DEFAULT_GOAL := verify
.PHONY: verify report test check format-check lint types bench fuzz format clean

verify: $(STAMP) ## judge every step of the derivations
	$(BIN)/python -m symderiv verify

report: $(STAMP) ## write reports/NAME.html and reports/NAME.tex
	$(BIN)/python -m symderiv report

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses auto

check: format-check lint types test

format-check: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP) ## not a test: tables of times, the first one for README.md; ARGS=--readme stops after that, ARGS=--quick goes less far
	$(BIN)/python tests/bench.py $(ARGS)

fuzz: $(STAMP) ## random input against plain numbers; `make fuzz MINUTES=60 FUZZ=programs` takes longer, and one fuzzer only
	PYTHONPATH=tests $(BIN)/python -m fuzz --minutes $(MINUTES) $(FUZZ)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
