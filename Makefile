.PHONY: help test test-long kill lint bench bench-check presets language world scaling latency checkpoints structure pictures
PYTHON ?= .venv/bin/python

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
test:  ## run all tests
	$(PYTHON) -m pytest -q
test-long:  ## run the tests that take minutes
	$(PYTHON) -m pytest -q -m long
kill:  ## kill 300 runs, have them go on, compare the bytes
	$(PYTHON) -m tests.guarantees.kill --kills 300
lint:  ## ruff and mypy
	$(PYTHON) -m ruff check . && $(PYTHON) -m mypy
bench:  ## measure speed and memory beside a plain loop and DuckDB
	$(PYTHON) -m benchmarks
bench-check:  ## fail where a figure misses its target by more than 30 %
	$(PYTHON) -m benchmarks --check
presets:  ## measure the speed of each preset beside a plain loop of its fields
	$(PYTHON) -m benchmarks.presets
language:  ## measure what the language of specifications costs, in pairs of runs
	$(PYTHON) -m benchmarks.language
world:  ## measure what disorder, the truth and an incident cost, in pairs of runs
	$(PYTHON) -m benchmarks.world
scaling:  ## measure renderers, parts, and plan for many machines
	$(PYTHON) -m benchmarks.scaling
latency:  ## measure how late records leave on the real clock
	$(PYTHON) -m benchmarks.latency
checkpoints:  ## measure what checkpoints cost
	$(PYTHON) -m benchmarks.checkpoints
structure:  ## measure how the code is laid out
	$(PYTHON) -m benchmarks.structure
pictures:  ## draw the pictures of the docs again
	$(PYTHON) docs/pictures.py && $(PYTHON) docs/terminal.py
