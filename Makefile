SHELL := /bin/bash
BIN := .venv/bin
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help screenshots setup run lab extension test test-all test-extension test-notebooks test-python lint bench export readme lock clean

help:  ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup:  ## Create .venv as requirements.lock pins it, or find it up to date
	@.ci/setup

run: setup  ## Run the example pipeline on this machine
	$(BIN)/aiinfra run pipelines/flights/pipeline.py

extension:  ## Build the JupyterLab extension, if it isn't up to date
	@.ci/setup environment
	@.ci/extension types
	@.ci/extension

lab: extension  ## Open the example in JupyterLab
	$(BIN)/aiinfra lab pipelines/flights/prepare.ipynb

test:  ## Check and test everything that a change must pass (sets up what it needs)
	@.ci/stage environment .ci/setup environment
	@.ci/stage lint $(MAKE) --no-print-directory lint
	@.ci/stage extension $(MAKE) --no-print-directory test-extension
	@.ci/stage notebooks $(MAKE) --no-print-directory test-notebooks
	@.ci/stage tests $(MAKE) --no-print-directory test-python

test-all: test  ## The same, the long suites and the benchmarks
	@.ci/stage 'long tests' $(BIN)/pytest -m long
	@.ci/stage benchmarks $(MAKE) --no-print-directory bench

test-extension:
	.ci/extension
	.ci/extension test

test-notebooks:
	$(BIN)/nbdev-test --n-workers 2

test-python:
	$(BIN)/pytest -m 'not long' -n 2 --dist loadfile --cov --cov-report=term

lint:  ## Style, types, notebooks and modules in step, German texts, lock, README, workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/gate
	$(BIN)/python .ci/translations.py
	! grep -nE '://|^(-|--)|\+cpu' requirements.lock
	$(BIN)/python .ci/readme.py --check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --no-progress --quiet .github/workflows
	$(BIN)/pre-commit validate-config
	.ci/extension lint

bench:  ## Print what things cost, as ratios
	@for bench in tests/bench/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

export:  ## Write aiinfra/ from the notebooks, and clean them
	$(BIN)/nbdev-export
	$(BIN)/nbdev-clean

screenshots: extension  ## Take the README's pictures of JupyterLab anew
	mkdir -p nbs/images
	AIINFRA_SCREENSHOTS=nbs/images $(BIN)/pytest -q tests/e2e/lab/test_story.py

readme:  ## Write README.md from nbs/index.ipynb
	$(BIN)/python .ci/readme.py

# torch: the local wheel is 2.x+cpu, which no registry has; without the suffix both fit. But what is locked comes first,
# and a lock without the suffix means the registry's torch, with all of CUDA: so torch is always looked for anew.
lock:  ## Resolve requirements.lock anew
	UV_FIND_LINKS=$$PIP_FIND_LINKS $(BIN)/uv pip compile -q pyproject.toml --all-extras --group dev --group flights \
		-o requirements.lock --no-header --python-version 3.11 --no-emit-index-url --no-emit-find-links --upgrade-package torch
	sed -i -E 's/^(torch==[0-9.]+)\+cpu/\1/' requirements.lock

clean:  ## Remove caches and builds; runs (.aiinfra) and .venv stay
	rm -rf extensions/*/lib extensions/*/labextension
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# A chapter written as text (jupytext's percent format) becomes the notebook that is kept:
# `make nbs/errors.ipynb` updates it, exports its module, runs it and cleans it.
nbs/%.ipynb: nbs/%.py
	$(BIN)/jupytext --to ipynb --update -q $<
	$(BIN)/ruff check --fix -q $@ ; $(BIN)/ruff format -q $@
	$(BIN)/python -c "from nbdev.export import nb_export; nb_export('$@')"
	$(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --inplace $@
	$(BIN)/nbdev-clean --fname $@
