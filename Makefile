# Needs Python 3.11+ and make, nothing else: the first word of every target prepares .venv.
.PHONY: help up status logs down reset demo check test faults faults-long sabotage hostile interop bench ci bootstrap
.DEFAULT_GOAL := help

# The first Python that is new enough; say PYTHON=/path/to/python to choose another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$python"; break; }; done)
RUN := .venv/bin/python -m
LEADLOOP := .venv/bin/leadloop

help:
	@echo "make up       start PostgreSQL, Kafka, the three services; print where they are"
	@echo "make demo     play a month through the running stack, and check every sum"
	@echo "make status   each process: health, memory, restarts, lag, backlog"
	@echo "make logs     follow what the processes write (make logs OF=marketing-api for one)"
	@echo "make down     stop everything, keep the data"
	@echo "make reset    stop everything, drop the data"
	@echo "make check    format, types, imports, migrations, documents"
	@echo "make test     every test, on real servers of its own"
	@echo "make sabotage break the product line by line, and see a test notice each (PART=2/5, TIMES=10)"
	@echo "make hostile  strangers, forgers and broken clients against the running services (make hostile LONG=1)"
	@echo "make faults   crashes and outages under load, then the ledger (SEED=n repeats a run; faults-long: a million events)"
	@echo "make interop  our events, read in another language (Node.js comes in a wheel)"
	@echo "make bench    the measurements"
	@echo "make ci       all of it that a change has to pass: .ci/run"

bootstrap:
	@test -n "$(PYTHON)" || { echo "leadloop: no Python 3.11 or newer found. Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) deploy/tools/bootstrap.py

up status down reset: bootstrap
	@$(LEADLOOP) stack $@

logs: bootstrap
	@$(LEADLOOP) stack logs $(OF)

demo: bootstrap
	@$(LEADLOOP) demo

check: bootstrap
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	.venv/bin/lint-imports
	$(RUN) deploy.tools.check_migrations
	$(RUN) deploy.tools.docs --check
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

test: bootstrap
	$(RUN) pytest -n 2 --dist load --durations 10

PART ?= all
TIMES ?= 1
sabotage: bootstrap
	$(RUN) tests.sabotage --part $(PART) --times $(TIMES) $(if $(filter all,$(PART)),--report docs/reports/sabotage.md)

faults: bootstrap
	$(RUN) tests.faults --events 20000 --faults 40 --gap 2.5 $(if $(SEED),--seed $(SEED))

# Stopped and started again it goes on with the segment it was in: ledgers of those before are kept in .faults.
faults-long: bootstrap
	$(RUN) tests.faults --seed $(or $(SEED),20261124) --events 1000000 --faults 500 --segments 10 --gap 0.5 --lanes 10 \
		--leads-per-second 220 --no-short --results .faults --report-to docs/reports

hostile: bootstrap
	$(RUN) tests.hostile $(if $(LONG),--long --report docs/reports/hostile.md)

interop: bootstrap
	$(RUN) pytest tests/interop

bench: bootstrap
	$(RUN) benchmarks

ci:
	bash .ci/run
