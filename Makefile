# Everything that people and CI do here. `make help` explains.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
PYTHON ?= $(shell for p in python3.13 python3.12; do $$p --version >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := $(VENV)/bin
SAM := .venv-sam/bin/sam
WEB := functions/web
WEB_PACKAGES := $(WEB)/node_modules/.package-lock.json
PAGE := $(WEB)/function/web/dist/.vite/manifest.json
PAGE_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f ! -path $(WEB)/src/api/contract.ts) $(WEB)/index.html \
	$(WEB)/package.json $(WEB)/tsconfig.json $(WEB)/vite.config.ts functions/api/openapi.json
# The loops that answer most rows, compiled for this machine.
LOOPS := layers/scoring/scoring/compiled
LIBRARY := $(LOOPS)/loops-$(shell uname -s | tr '[:upper:]' '[:lower:]')-$(shell uname -m).so
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml --generate-hashes --universal --python-version 3.12 \
	--no-annotate --no-header
export PATH := $(CURDIR)/$(BIN):$(PATH)

CSV ?=
TARGET ?=
WORKERS ?= 2
ONCE ?=
STACK ?= default
DATA ?= ../shared/data
BUDGET ?= 60
TOOLS ?=
SETS ?=
FRESH ?=
REPORT ?=
PEERS_HOME ?= .
ROUNDS ?= 3
EXAMPLES ?= 50
IMAGE ?=
WITH_DATA ?=
URL ?=
OF ?=
MIX ?=
USERS ?=
SEED ?=
SCENES ?=

# Targets of small letters name what is done, not files.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

page: ## Build the page; needs Node.js 20.19 or later
	@fault=$$(infra/node.sh); [ -z "$$fault" ] || { echo "The page can't be built, because $$fault. Install Node.js 20.19 or later with npm and try again." >&2; exit 1; }
	@$(MAKE) $(PAGE)

page-if-possible:
	@fault=$$(infra/node.sh); if [ -n "$$fault" ]; then echo "The page is left out, because $$fault."; else $(MAKE) $(PAGE); fi

run: setup ## Start the local stack and train on real CSVs; CSV=path TARGET=column for yours, ONCE=1 to end after it
	@$(MAKE) page-if-possible || echo "The page is left out, because it could not be built: see the lines above."
	@$(BIN)/python -m infra.local $(if $(CSV),--csv '$(CSV)') $(if $(TARGET),--target '$(TARGET)') $(if $(ONCE),--once)

test: setup page-if-possible ## Run all tests but the longest, WORKERS=2 of them at once
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m 'not long'

test-all: setup setup-load page-if-possible ## Run all tests, the longest too: journeys through the page, every view of it, the keyboard
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

test-page: setup page ## Run all tests of the page in Chromium; pictures of every view in .local/screenshots
	@$(BIN)/python -m pytest tests/ui

test-fast: setup ## Run the tests that start no servers
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -m 'not slow and not docker'

test-properties: setup ## Run the property tests with far more examples than make test has
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -m hypothesis --hypothesis-profile thorough --timeout 1800

check: setup setup-sam ## Lint, format check, strict types, template; the page's checks and tests where Node.js is
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(SAM) validate --lint
	$(BIN)/cfn-lint infra/*.yaml
	@fault=$$(infra/node.sh); if [ -n "$$fault" ]; then echo "The page is not checked, because $$fault."; \
		else $(MAKE) $(WEB_PACKAGES) && npm --prefix $(WEB) run check && npm --prefix $(WEB) test; fi

format: setup ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

build: setup setup-sam page ## Build what is deployed; the image too where a Docker engine answers
	@PYTHONPATH=.:layers/scoring $(BIN)/python -m infra.build

sam-local: setup setup-sam page ## Run every event and some routes in containers with SAM CLI; needs a Docker engine
	@PYTHONPATH=.:layers/scoring $(BIN)/python -m infra.sam_local

deploy: setup setup-sam page ## Build and deploy to AWS; STACK=default, staging or production
	@PYTHONPATH=.:layers/scoring $(BIN)/python -m infra.build --image
	@$(BIN)/python infra/deploy.py '$(STACK)'

destroy: setup ## Take a stack down, after asking; STACK=default, staging or production, WITH_DATA=1 for its data, too
	@$(BIN)/python infra/destroy.py '$(STACK)' $(if $(WITH_DATA),--with-data)

mlflow-image: ## Build the image of an MLflow server of your own; IMAGE=registry/name:tag
	@test -n '$(IMAGE)' || { echo "Name the image: make mlflow-image IMAGE=registry/name:tag" >&2; exit 1; }
	@docker version >/dev/null 2>&1 || { echo "A Docker engine is needed and none answers. Install and start one and try again." >&2; exit 1; }
	docker build --file infra/mlflow/Dockerfile --tag '$(IMAGE)' .

monitoring-image: ## Build the image of rules and dashboards for Fargate; IMAGE=registry/name:tag
	@test -n '$(IMAGE)' || { echo "Name the image: make monitoring-image IMAGE=registry/name:tag" >&2; exit 1; }
	@docker version >/dev/null 2>&1 || { echo "A Docker engine is needed and none answers. Install and start one and try again." >&2; exit 1; }
	docker build --file monitoring/Dockerfile --tag '$(IMAGE)' .

session: setup ## Open a page that no network reaches, OF=grafana or OF=mlflow; STACK=default, staging or production
	@PYTHONPATH=. $(BIN)/python -m infra.session '$(STACK)' '$(OF)'

url: setup ## Say where a deployed stack answers; STACK=default, staging or production
	@PYTHONPATH=. $(BIN)/python -m infra.url '$(STACK)'

release-check: setup ## Check that TAG=v1.2.3 is the version everywhere and that CHANGELOG.md tells of it
	@PYTHONPATH=. $(BIN)/python -m infra.release --check

release: release-check build scan ## Write what a release holds into .local/release; TAG=v1.2.3
	@PYTHONPATH=. $(BIN)/python -m infra.release

smoke: setup ## Test a stack as a user who leaves nothing behind; URL=https://.../v1, the local stack without one
	@PYTHONPATH=.:layers/core:layers/client $(BIN)/python -m tests.smoke $(if $(URL),--url '$(URL)')

scan: setup setup-scan ## Scan code, template, workflows and licences, look for secrets, write a bill of materials into .local/sbom
	@infra/scan.sh

audit: setup setup-scan ## Ask the package indexes for known faults of all that is pinned; needs the network
	@status=0; for file in requirements*.txt functions/*/requirements.txt layers/*/requirements.txt infra/mlflow/requirements.txt monitoring/requirements.txt; do \
		echo "== $$file"; .venv-scan/bin/pip-audit --require-hashes --disable-pip -r $$file || status=1; done; \
		npm --prefix $(WEB) audit --omit dev || status=1; exit $$status

fuzz: setup setup-fuzz ## Send hostile requests to the local stack by its contract; EXAMPLES=50 for each operation, SEED=
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.fuzz --examples $(EXAMPLES) $(if $(SEED),--seed $(SEED))

load: setup setup-load ## Ask with ever more users at once until the service takes no more; URL= MIX=predict USERS="1 2 4"
	@PYTHONPATH=.:layers/core:layers/scoring:layers/client $(BIN)/python -m tests.load $(if $(URL),--url '$(URL)') \
		$(if $(MIX),--mix $(MIX)) $(if $(USERS),--steps $(USERS))

drill: setup ## Let services fail, processes die and clocks go wrong on the local stack, then count; SEED= SCENES=
	@PYTHONPATH=.:layers/core:layers/scoring $(BIN)/python -m tests.drill $(if $(SEED),--seed $(SEED)) $(if $(SCENES),--scenes $(SCENES))

openapi: setup ## Write the contract of the API and the table of its routes from the code
	@PYTHONPATH=.:layers/core:layers/scoring:functions/api $(BIN)/python -m infra.openapi

dashboards: setup ## Write the dashboards of Grafana from the code
	@PYTHONPATH=.:layers/core:layers/scoring $(BIN)/python -m monitoring.grafana

bench: setup ## Measure the local stack: cold starts, memory, request times
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/local_stack.py

bench-trend: setup ## Add the last make bench to the trend in .local/bench; fails where a figure is far above what it was
	@PYTHONPATH=. $(BIN)/python -m tests.benchmarks.trend

bench-automl: setup ## Compare training with other AutoML tools; BUDGET=60 TOOLS= SETS= REDRAW= DATA=folder KEEP=folder FRESH=1 REPORT=1
	@PYTHONPATH=. $(BIN)/python -m tests.benchmarks.automl --data '$(DATA)' --peers-home '$(PEERS_HOME)' --budget $(BUDGET) \
		$(if $(TOOLS),--tools $(TOOLS)) $(if $(SETS),--sets $(SETS)) $(if $(REDRAW),--redraw $(REDRAW)) \
		$(if $(KEEP),--keep '$(KEEP)') $(if $(FRESH),--fresh) $(if $(REPORT),--report)

bench-predict: setup ## Compare predicting with scikit-learn, skops, ONNX Runtime, MLflow and FastAPI; ROUNDS=3
	@PYTHONPATH=.:layers/core:layers/automl:layers/scoring $(BIN)/python -m tests.benchmarks.predict --peers-home '$(PEERS_HOME)' \
		--rounds $(ROUNDS)

exporter: ## Build YACE, the CloudWatch exporter, into .local/bin with the Go tool chain
	@bash monitoring/exporter/build.sh

monitoring: setup ## Watch the local stack of make run: exporter, Prometheus and Alertmanager, until Ctrl-C
	@exec $(BIN)/python -m monitoring.run

test-monitoring: setup ## Test the whole chain from a request to a webhook; needs make exporter and Debian's packages
	@$(BIN)/python -m monitoring.run --check
	@$(BIN)/python -m pytest tests/chain -s

monitoring-check: setup ## Check rules, their cases, routes and names of monitoring; needs promtool and amtool
	@command -v promtool >/dev/null && command -v amtool >/dev/null || { echo "promtool and amtool are needed. On Debian: apt-get install prometheus prometheus-alertmanager" >&2; exit 1; }
	@$(BIN)/python -m pytest tests/unit/monitoring

clean: ## Remove what was built, installed and stored here
	rm -rf .venv .venv-sam .venv-fuzz .venv-load .venv-scan .venv-peers-* .venv-profile .aws-sam .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf $(WEB)/node_modules $(WEB)/function/web/dist $(WEB)/src/api/contract.ts $(LOOPS)/loops-*.so

lock: setup ## Resolve the dependencies anew and write the hashed requirements files
	$(COMPILE) --upgrade --group dev -o requirements.txt
	$(COMPILE) --group core -c requirements.txt -o layers/core/requirements.txt
	$(COMPILE) --group scoring -c requirements.txt -o layers/scoring/requirements.txt
	$(COMPILE) --group train -c requirements.txt -o functions/train/requirements.txt
	$(COMPILE) --group mlflow-server -c requirements.txt -o infra/mlflow/requirements.txt
	$(COMPILE) --group monitoring -c requirements.txt -o monitoring/requirements.txt
	$(COMPILE) --upgrade --group sam -o requirements-sam.txt
	$(COMPILE) --upgrade --group fuzz -o requirements-fuzz.txt
	$(COMPILE) --upgrade --group load -o requirements-load.txt
	$(COMPILE) --upgrade --group scan -o requirements-scan.txt
	$(COMPILE) --upgrade --group uv -o requirements-uv.txt

lock-peers: setup ## Resolve anew what the tools of the benchmarks need
	@for name in autogluon flaml mljar plain predict; do \
		$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.12 --no-annotate \
			--no-header tests/benchmarks/requirements-$$name.in -o tests/benchmarks/requirements-$$name.txt; done

setup: $(VENV)/.installed $(LIBRARY) ## Make the Python environment, and compile what a C compiler is needed for

setup-sam: .venv-sam/.installed

setup-fuzz: .venv-fuzz/.installed

setup-load: .venv-load/.installed

setup-scan: .venv-scan/.installed

$(VENV)/.installed: requirements.txt requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.13 or 3.12 is needed and neither is on PATH. Install one (pyenv install 3.13) and try again." >&2; exit 1; }
	@$(PYTHON) -c "" 2>/dev/null || { echo "$(PYTHON) does not run here. Name another: PYTHON=/path/to/python3.13" >&2; exit 1; }
	@echo "Making the environment $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make a virtual environment. On Debian: apt-get install python3-venv." >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt \
		|| { echo "Could not install uv. Is the package index reachable?" >&2; exit 1; }
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.txt \
		|| { echo "Could not install the dependencies of requirements.txt; see the line above." >&2; exit 1; }
	@touch $@

$(LIBRARY): $(wildcard $(LOOPS)/*.[ch]) | $(VENV)/.installed
	@PYTHONPATH=.:layers/scoring $(BIN)/python -m infra.loops \
		|| echo "The loops that answer most rows could not be compiled; see the lines above. NumPy answers here, which is slower."

.venv-sam/.installed: requirements-sam.txt | $(VENV)/.installed
	@echo "Making the environment .venv-sam with the SAM CLI ..."
	@$(PYTHON) -m venv .venv-sam
	@$(BIN)/uv pip sync --quiet --python .venv-sam/bin/python --require-hashes requirements-sam.txt
	@touch $@

.venv-fuzz/.installed: requirements-fuzz.txt | $(VENV)/.installed
	@echo "Making the environment .venv-fuzz with Schemathesis ..."
	@$(PYTHON) -m venv .venv-fuzz
	@$(BIN)/uv pip sync --quiet --python .venv-fuzz/bin/python --require-hashes requirements-fuzz.txt
	@touch $@

.venv-load/.installed: requirements-load.txt | $(VENV)/.installed
	@echo "Making the environment .venv-load with Locust ..."
	@$(PYTHON) -m venv .venv-load
	@$(BIN)/uv pip sync --quiet --python .venv-load/bin/python --require-hashes requirements-load.txt
	@touch $@

.venv-scan/.installed: requirements-scan.txt | $(VENV)/.installed
	@echo "Making the environment .venv-scan with the scanners ..."
	@$(PYTHON) -m venv .venv-scan
	@$(BIN)/uv pip sync --quiet --python .venv-scan/bin/python --require-hashes requirements-scan.txt
	@touch $@

$(WEB_PACKAGES): $(WEB)/package.json $(WEB)/package-lock.json
	@echo "Installing what the page is built with ..."
	@npm --prefix $(WEB) ci --no-audit --no-fund --loglevel=error \
		|| { echo "Could not install the packages of $(WEB)/package-lock.json. Is the package registry reachable?" >&2; exit 1; }
	@touch $@

$(PAGE): $(WEB_PACKAGES) $(PAGE_SOURCES)
	@echo "Building the page ..."
	@npm --prefix $(WEB) run --silent build \
		|| { echo "Could not build the page; see the lines above." >&2; exit 1; }
	@touch $@
