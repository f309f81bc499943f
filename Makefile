# `make` or `make help` lists what there is.  Everything lands in .local/ and storefront/vendor/.
.DEFAULT_GOAL := help
.PHONY: scanners advisories help run up down status logs reset setup test full flakes check faults mutants lint format package screenshots bench-import bench-stock bench-webhooks bench-auth bench-orders bench-walks openapi

PYTHON ?= python3
export PYTHONPATH := $(CURDIR)
VENV := .local/venv/bin
# Each may hold a local cloud, which wants a core of its own.
WORKERS ?= 2
CLOUD = @$(PYTHON) -m localcloud

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## open the shop on this machine, until Ctrl-C
	$(CLOUD) run

up: ## the same in the background
	$(CLOUD) up

down: ## close the shop that `make up` opened
	$(CLOUD) down

status: ## say whether the shop is open, and where
	$(CLOUD) status

logs: ## what the functions log; ARGS=-f goes on following
	$(CLOUD) logs $(ARGS)

reset: ## forget the local shop's orders, stock and keys
	$(CLOUD) reset

setup: ## install everything that tests and linters need
	$(CLOUD) venv

test: setup ## run the tests, of large ones a sample; ARGS="-k cart" chooses some
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

full: setup ## run every test in every variant, and say how much of each context they cover
	@rm -rf .local/coverage && mkdir -p .local/coverage
	@COVERAGE_FILE=.local/coverage/data $(VENV)/python -m pytest -n $(WORKERS) --dist loadgroup \
	  --everything --cov=chalicelib --cov-branch --cov-report= $(ARGS)
	@COVERAGE_FILE=.local/coverage/data $(VENV)/coverage json -q -o .local/coverage/report.json
	@$(VENV)/python -m tools.coverage .local/coverage/report.json

flakes: setup ## the browser's tests twenty times in a row, also beside a busy machine; ARGS=5
	@$(VENV)/python -m tools.flakes $(ARGS)

check: setup ## within a minute: linters and tests of what was changed; ARGS="--since main"
	@$(VENV)/python -m tools.check $(ARGS)

faults: setup ## every pair of crash points and the long model: what `make test` samples
	@$(VENV)/python -m pytest tests/faults --everything $(ARGS)

mutants: setup ## take one guard out after the other: the tests must notice; ARGS="-k refund"
	@$(VENV)/python -m tests.mutations $(ARGS)

scanners: ## install what `make lint` looks for weaknesses with
	$(CLOUD) scan-venv

advisories: scanners ## known faults of what is packaged; needs the network
	@$(VENV)/python -m tools.scan --advisories

lint: scanners ## ruff, mypy, bandit; cfn-lint and checkov on the packaged templates
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo
	@for stage in local prod; do \
	  $(VENV)/python -m localcloud.cli package $$stage .local/package/$$stage && \
	  $(VENV)/cfn-lint .local/package/$$stage/sam.json || exit 1; done
	@$(VENV)/python -m tools.scan .local/package/prod/sam.json

format: setup ## let ruff put the code in order
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format .

package: ## template, zips and storefront of a stage: STAGE=prod OUT=folder
	$(CLOUD) package $(or $(STAGE),prod) $(or $(OUT),.local/package/$(or $(STAGE),prod))
	$(CLOUD) site $(or $(OUT),.local/package/$(or $(STAGE),prod))/storefront

screenshots: setup ## take the pictures of docs/ again
	@$(VENV)/python -m tests.browser.screenshots

openapi: setup ## write docs/openapi.json from the routes and their schemas
	@$(VENV)/python -m tools.openapi

bench-import: setup ## how much of a cold start is ours, against the libraries
	@$(VENV)/python bench/import_time.py

bench-stock: setup ## measure stock under load; ARGS=--small for a minute or two
	@$(VENV)/python -m bench.stock $(ARGS)

bench-webhooks: setup ## every event ten times, on the deployed local shop; ARGS=--small
	@$(VENV)/python -m bench.webhooks $(ARGS)

bench-orders: setup ## write and read units of an order, against bench/budgets.toml
	@$(VENV)/python -m bench.orders $(ARGS)

bench-walks: setup ## which files five walks enter, and their calls; ARGS=--files lists them
	@$(VENV)/python -m bench.walks $(ARGS)

bench-auth: setup ## what the check of a caller and a sign-in cost
	@$(VENV)/python -m bench.auth $(ARGS)
