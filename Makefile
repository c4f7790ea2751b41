# Each target does its own set-up: a virtual environment in .venv, made with PYTHON (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# Two workers fit small machines; PYTEST_ARGS reaches pytest.
PYTEST_ARGS ?= -n 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint types format conformance integrations bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run ## check, show and run a real network: what type are these ten files?
	@$(BIN)/specmodel check specs/magika
	@$(BIN)/specmodel summary specs/magika/magika.yaml
	@$(BIN)/python specs/magika/demo.py

test: $(VENV)/test ## run the test suite
	$(PYTEST) $(PYTEST_ARGS)

lint: $(VENV)/lint ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/lint ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/lint ## check types, strictly
	$(BIN)/mypy

conformance: $(VENV)/conformance ## compare with the real Keras and onnxruntime; CASES=N random uses of each layer, KERAS=FILES a part
	KERAS_BACKEND=jax $(PYTEST) $(or $(KERAS),tests/keras) -n 0 $(if $(CASES),--cases $(CASES))
	$(PYTEST) tests/onnxruntime $(PYTEST_ARGS)

integrations: $(VENV)/integrations ## try editors and hooks for real; what is missing on this machine is skipped
	$(PYTEST) tests/integrations -n 0 -rs

bench: $(VENV)/bench ## measure start-up, scaling and runs, as ratios; ONLY=runs for a part
	$(BIN)/python -m benchmarks $(ONLY)

clean: ## remove what the other targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of dependencies, renewed when pyproject.toml changes.
$(VENV)/run: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/test $(VENV)/lint $(VENV)/conformance $(VENV)/integrations $(VENV)/bench: $(VENV)/%: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	@touch $@
