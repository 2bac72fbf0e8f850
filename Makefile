# Each target sets itself up from a bare checkout: Python 3.11, pip and make are enough.
PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: run test check format schema bench bench-large bench-quality clean

$(STAMP): pyproject.toml constraints.txt
	@echo "setting up $(VENV), once: downloads about 200 packages; some five minutes and up to 6 GB of disk, mostly torch"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	@echo "1 of 2: torch"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	@echo "2 of 2: all other packages"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

run: $(STAMP)  ## the main job: forecast the CO2 record, gate it, register it (exit 3: the gate refused, a good end too)
	$(BIN)/rnn run pipelines/co2-forecast.yaml || test $$? -eq 3

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(STAMP)  ## lint, format, types, import contracts, an up-to-date schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/rnn schema --check

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(STAMP)
	$(BIN)/rnn schema

PEERS := .bench/environments
BENCH := RNN_BENCH_ENVIRONMENTS=$(abspath $(PEERS)) RNN_BENCH_PYTHON=$(abspath $(BIN)/python) $(BIN)/python -m

bench: $(STAMP)  ## speed beside PyTorch, Lightning and Keras, each in its own environment: ONLY="gru-128 windows" for some
	sh benchmarks/install.sh $(PYTHON) $(PEERS)
	$(BENCH) benchmarks.speed $(ONLY)

bench-large: $(STAMP)  ## fifty million rows through a whole run: seconds and memory
	$(BIN)/python -m benchmarks.large

bench-quality: $(STAMP)  ## scores of benchmarks/specs over seeds: SPEC=mnist-rows for one; data in RNN_BENCH_DATA
	$(BENCH) benchmarks.quality $(SPEC)

clean:
	rm -rf $(VENV) .bench .rnn .mypy_cache .ruff_cache .pytest_cache .hypothesis
