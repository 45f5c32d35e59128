.DEFAULT_GOAL := help
PYTHON ?= python3
SEEDS ?= ../shared/seeds
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help
help: ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: env
env: $(STAMP) ## make the Python environment, from the hashed lock files

$(STAMP): requirements/bootstrap.lock requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/bootstrap.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: lint
lint: env ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: check
check: lint ## lint, types and the quick unit tests
	$(BIN)/pytest -q -n 2 -m "not slow" tests/unit

.PHONY: test
test: lint ## everything: lint, types, all tests, on a real Kafka and Elasticsearch of its own
	$(BIN)/pytest -n 3

.PHONY: bench-enrich
bench-enrich: env ## what a step of enrich costs on the texts in SEEDS
	$(BIN)/python benchmarks/bench_enrich.py $(SEEDS)

.PHONY: bench-import
bench-import: env ## how long live articles take beside an import, on a stack of its own
	PYTHONPATH=. $(BIN)/python benchmarks/bench_import.py

.PHONY: bench-ingest
bench-ingest: env ## how fast ingest is beside bare libraries, and 5,000 sources on one instance
	PYTHONPATH=. $(BIN)/python benchmarks/bench_ingest.py

.PHONY: bench-index
bench-index: env ## how fast index is beside bare bulk requests, and how soon an article is found
	PYTHONPATH=. $(BIN)/python benchmarks/bench_index.py

.PHONY: bench-alert
bench-alert: env ## how long a round of 500 watches takes in 1,000,000 generated articles (ARTICLES=... for fewer)
	PYTHONPATH=. $(BIN)/python benchmarks/bench_alert.py

.PHONY: bench-search
bench-search: env ## how long searches take in 1,000,000 generated articles (ARTICLES=... for fewer)
	PYTHONPATH=. $(BIN)/python benchmarks/bench_search.py

.PHONY: bench-sizes
bench-sizes: env ## how large an article is on its way; docs/sizing.md goes by it
	PYTHONPATH=. $(BIN)/python benchmarks/bench_sizes.py

.PHONY: demo
demo: env ## the whole path on a bundled sample news site; EXIT=1 ends when all is found
	$(BIN)/rasid demo $(if $(EXIT),--exit)

.PHONY: run
run: env ## the whole path on the live sources of deploy/sources.yaml, until Ctrl-C
	$(BIN)/rasid run

.PHONY: knowledge
knowledge: env ## make what enrich knows of public sources anew, from the files in SOURCES
	$(BIN)/python -m services.enrich.gazetteer $(SOURCES)

.PHONY: synonyms
synonyms: env ## write the spellings of names for Elasticsearch anew, after a change of the knowledge
	$(BIN)/rasid knowledge synonyms > deploy/elasticsearch/names.synonyms.txt

.PHONY: train-ner
train-ner: env ## teach the tagger of names anew, from ner/ and gazetteer/ in SOURCES: some minutes
	$(BIN)/python -m services.enrich.training.train_ner $(SOURCES)

.PHONY: schemas
schemas: env ## write the JSON Schemas of the messages anew
	$(BIN)/python -m services.contract.schemas

.PHONY: golden
golden: env ## record what this release leaves in Kafka and Elasticsearch, in tests/golden, on a stack of its own
	PYTHONPATH=. $(BIN)/python -m tests.record_release tests/golden/$$($(BIN)/python -c 'from importlib.metadata import version; print(version("rasid"))')

.PHONY: metrics-page
metrics-page: env ## write docs/metrics.md anew, after a change of the metrics
	$(BIN)/python -m services.cli.metrics_page

.PHONY: sizing-page
sizing-page: env ## write the tables of docs/sizing.md anew, after a change of a figure
	$(BIN)/python benchmarks/sizing.py

.PHONY: dashboards
dashboards: env ## write the dashboards of Grafana and Kibana anew, after a change of deploy/grafana or kibana
	$(BIN)/python -m deploy.grafana
	$(BIN)/python -m deploy.kibana.objects

.PHONY: lock
lock: env ## resolve the dependencies anew into the lock files
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header ../pyproject.toml --extra dev -o dev.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header ../pyproject.toml --extra all -o runtime.lock -c dev.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header bootstrap.in -o bootstrap.lock -c dev.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header sbom.in -o sbom.lock -c dev.lock

.PHONY: sbom
sbom: env ## list the packages of the image, with versions and licences, in build/sbom.cdx.json
	$(BIN)/uv venv --quiet --clear build/runtime
	$(BIN)/uv pip install --quiet --python build/runtime/bin/python --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m cyclonedx_py environment --output-reproducible --output-file build/sbom.cdx.json build/runtime/bin/python

.PHONY: audit
audit: env ## ask PyPI whether a package of the image is known to be vulnerable: needs the internet
	$(BIN)/uv tool run --from pip-audit==2.10.1 pip-audit --strict --disable-pip --require-hashes --requirement requirements/runtime.lock

.PHONY: clean
clean: ## stop the local stack and remove the environment and all caches
	-$(BIN)/rasid stack down
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
