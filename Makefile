# make demo, make test: each sets up .venv from this directory's own files if it is missing.
#
# PIP_ARGS passes extra arguments to pip. Where torch's plain package would bring CUDA along and is not wanted, name
# PyTorch's CPU builds there (see https://pytorch.org/get-started/locally/).

PYTHON ?= python3
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FILM := samples/harbour.mp4

.PHONY: demo test films lint docs clean

demo: $(READY)
	@sh samples/demo.sh $(BIN)/vidcomp $(FILM)

test: $(READY) films
	$(BIN)/python -m pytest $(PYTEST_ARGS)

films: $(READY)
	@echo "fetching the real films that the tests use (into your cache, once)" >&2
	@$(BIN)/python -m samples.fetch >/dev/null

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: $(READY)
	$(BIN)/python docs/generate.py

$(READY): pyproject.toml constraints.txt
	@echo "setting up $(VENV) (about 4 GB, a few minutes)" >&2
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[offline,dev]'
	@touch $(READY)

clean:
	rm -rf $(VENV)
