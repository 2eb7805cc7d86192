SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true

# A chapter written as text (jupytext's percent format) becomes the notebook that is kept:
# `make nbs/errors.ipynb` updates it, exports its module, runs it and cleans it.
nbs/%.ipynb: nbs/%.py
	$(BIN)/jupytext --to ipynb --update -q $<
	$(BIN)/ruff check --fix -q $@ ; $(BIN)/ruff format -q $@
	$(BIN)/python -c "from nbdev.export import nb_export; nb_export('$@')"
	$(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --inplace $@
	$(BIN)/nbdev-clean --fname $@
