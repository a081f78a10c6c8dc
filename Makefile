# The two commands a user needs: `make rehearse` and `make test`. Both set everything up first.
PYTHON ?= python3
BIN := .venv/bin
# The environment's Node.js, when set-up put one there, goes before the system's.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Without byte-code files every import takes six times as long.
unexport PYTHONDONTWRITEBYTECODE
# Tests run in two processes, file by file: two cores are what a small machine has. Each begins with proofs on
# a local cloud of its own; a third one takes the time that theirs are measured by.
PROCESSES := --numprocesses=2 --no-loadscope-reorder
export PYTHONPATH := $(CURDIR)/constructs:$(CURDIR)/lambdas:$(CURDIR)/cli:$(CURDIR)

.PHONY: help setup rehearse rehearse-pipeline test unit check lint types synth scan build benchmarks lock clean

help: ## Say what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 19

setup: ## Virtual environment, pinned packages, Node.js 24 if needed, CDK CLI
	@$(PYTHON) tools/bootstrap.py

rehearse: setup ## Rehearse a rollout end to end on this machine, without an AWS account
	@$(BIN)/python -m tidegate_cli rehearse $(ARGS)

rehearse-pipeline: setup ## Rehearse a delivery pipeline end to end: from a commit and from an approval to production
	@$(BIN)/python -m tidegate_cli rehearse-pipeline $(ARGS)

test: setup ## Run all tests, the end-to-end ones included
	@$(BIN)/python -m pytest $(PROCESSES) $(ARGS)

unit: setup ## Run the tests that need no local cloud
	@$(BIN)/python -m pytest -m "not e2e" $(PROCESSES) $(ARGS)

check: setup lint types unit synth scan ## Lint, types, unit tests, synth with validation, scanners

lint: setup ## Lint and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

synth: setup ## Synthesize every service with the CDK's validation on
	@$(BIN)/python -B -c "import shutil; shutil.rmtree('cdk.out', ignore_errors=True)"
	@node node_modules/aws-cdk/bin/cdk synth --quiet --app "$(BIN)/python app.py"

scan: setup ## cdk-nag, cfn-lint, checkov and others over every template
	@$(BIN)/python -m tools.scan $(ARGS)

build: setup ## Source distribution and wheel into dist/
	@$(BIN)/python -m build

benchmarks: setup ## Every figure that the README names, one after another
	@$(BIN)/python -m benchmarks

lock: setup ## Resolve the lock files anew from pyproject.toml
	@$(BIN)/python tools/lock.py

clean: ## Remove what the commands made, the environment included
	rm -rf .venv .venv-scan node_modules cdk.out out dist
