# Everything that a person or the CI does here. The tools live in .venv, which is made when missing.

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(or $(shell for python in python3 python3.11 python3.12 python3.13; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done),python3)
SCENARIO ?= resilience_nominal
OUT ?= build/landing
SEEDS ?= 1000

LOCK := requirements.lock
BENCH_LOCK := requirements-bench.lock
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint $(LOCK)
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
BENCH := .venv/bench/.installed
STUBS := typings/rp2/.installed typings/esp32/.installed

.DEFAULT_GOAL := help
.PHONY: help flight land bench budget test-micropython figures flash test test-device prove crosscheck crosscheck-full trials lint types package dictionary noise compile firmware format lock clean distclean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: PYTHON=python3.11  SCENARIO=hakuto_r_mission_1  OUT=build/landing"

land: $(RUN) ## Land the vehicle with the flight code; the result is in build/landing
	$(BIN)/plumbline land $(SCENARIO) --out $(OUT)

bench: $(BENCH) ## Side by side with Basilisk: speed, and one trajectory through both (ARGS=--help)
	@.venv/bench/bin/python -m host_tools.campaign.bench $(ARGS)

figures: $(RUN) ## Fly landings over 1,000 seeds and write the README's table and picture (ten minutes)
	$(BIN)/python -m host_tools.landing.figures --seeds $(SEEDS) --readme README.md

flash: $(DEV) ## Put the flight program onto a board: BOARD=navigation_pico PORT=/dev/ttyACM0 (ARGS=--help)
	@$(BIN)/python -m host_tools.flash.deploy $(BOARD) $(if $(PORT),--port '$(PORT)') $(ARGS)

test: lint types $(DEV) ## Check everything: lint, types of both ports and the host, host tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-device: $(DEV) ## Tests on the board: on emulated ones, or BOARD=navigation_pico PORT=/dev/ttyACM0 (ARGS=--help)
	@$(BIN)/python -m host_tools.device_tests $(if $(PORT),--port '$(PORT)') $(if $(BOARD),--board '$(BOARD)') $(ARGS)

test-micropython: $(DEV) ## MicroPython's own tests on the emulated board, through its PTY (two minutes)
	$(BIN)/python -m host_tools.emulator.micropython_tests

budget: $(DEV) ## Cycles of every tick and memory left on the emulated boards; fails when a figure has worsened
	$(BIN)/python -m host_tools.emulator.budget

prove: $(DEV) ## Prove that no kernel's integer leaves 31 bits or its slot's range; then try it without each guard
	$(BIN)/python -m host_tools.proof.prove
	$(BIN)/python -m host_tools.proof.mutate

crosscheck: $(DEV) ## Every kernel against its independent reference; table, build/crosscheck.json and plots
	$(BIN)/python -m host_tools.proof.crosscheck

crosscheck-full: $(DEV) ## The same at length: whole domains and 10^8 random vectors
	$(BIN)/python -m host_tools.proof.crosscheck --full

trials: $(RUN) ## The altitude vote on trial over 1,000 seeds of each question; the page is in build/trials
	$(BIN)/plumbline trials --seeds 1000 --out build/trials

lint: $(DEV) ## Rules, formatting, spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell

# A python that does not exist: an import that no board has must not be found in this venv.
types: $(DEV) $(STUBS) ## Types: flight code against the stubs of rp2, then of esp32, then the host's code
	$(BIN)/basedpyright --project host_tools/checks/rp2.json --pythonpath no-such-python
	$(BIN)/basedpyright --project host_tools/checks/esp32.json --pythonpath no-such-python
	$(BIN)/basedpyright --pythonpath $(BIN)/python

package: $(DEV) ## Write package.json, for `mpremote mip install package.json`, from the flight code
	$(BIN)/python -m host_tools.flash.mip_package

dictionary: $(DEV) ## Make the link dictionary's page and the host's codecs anew
	$(BIN)/python -m host_tools.ground.generate

noise: $(DEV) ## Bit errors, bursts and babbling nodes against the flight code's receiver: a table (ARGS=--help)
	$(BIN)/python -m host_tools.ground.noise --readme host_tools/ground/README.md $(ARGS)

compile: $(DEV) ## Compile the flight code for both processors into build/mpy
	$(BIN)/python -m host_tools.checks.mpy_compile

firmware: $(DEV) ## MicroPython for the RP2040 boards and the matching mpy-cross (first time: a minute)
	$(BIN)/python -m host_tools.flash.firmware

flight: $(DEV) ## The same with the flight code frozen into it: ready 0.2 s after a reset, most of the heap free
	$(BIN)/python -m host_tools.flash.flight_image

format: $(DEV) ## Let ruff put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## Renew requirements.lock and requirements-bench.lock from pyproject.toml
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --editable '.[dev]'
	build/lock/bin/python -m pip freeze --exclude-editable > build/lock/frozen
	(echo "# Made by 'make lock'."; cat build/lock/frozen) > $(LOCK)
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --editable '.[bench]'
	build/lock/bin/python -m pip freeze --exclude-editable > build/lock/frozen
	(echo "# Made by 'make lock', for 'make bench'."; cat build/lock/frozen) > $(BENCH_LOCK)
	rm -rf build/lock

clean: ## Remove what was made, but not .venv
	rm -rf build typings landings *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find firmware boards host_tools tests_host -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## Remove .venv too
	rm -rf .venv

# --- set-up: a stamp that is older than what it was made from means work ---

# pip is the last thing that venv installs: a .venv without it was interrupted.
$(BIN)/pip:
	$(if $(shell $(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null && echo yes),,\
	$(error Plumbline needs Python 3.11 or newer; say where it is: make PYTHON=/path/to/python3.11))
	@echo "Setting up .venv: about a minute"
	@$(PYTHON) -m venv .venv

$(RUN): pyproject.toml $(LOCK) | $(BIN)/pip
	@$(PIP) --editable .
	@touch $@

$(DEV): $(RUN)
	@echo "Adding the tools for development"
	@$(PIP) --editable '.[dev]'
	@touch $@

# Basilisk holds packages back that the rest has newer: it lives in an environment of its own.
$(BENCH): pyproject.toml $(BENCH_LOCK) | $(BIN)/pip
	@echo "Setting up .venv/bench with Basilisk: a minute or two, and 840 MB"
	@$(PYTHON) -m venv .venv/bench
	@.venv/bench/bin/python -m pip --disable-pip-version-check install --quiet --constraint $(BENCH_LOCK) --editable '.[bench]'
	@touch $@

# rp2 and esp32 stubs have the same module names, so each port gets a folder of its own.
typings/%/.installed: host_tools/checks/stubs-%.txt | $(BIN)/pip
	@rm -rf typings/$*
	@$(PIP) --no-deps --target typings/$* --requirement $<
	@touch $@
