# SPDX-License-Identifier: GPL-3.0-or-later
# `make run` and `make test` set everything up by themselves; ARGS="--port 9000" passes options on.
.PHONY: run test test-slow check shot bench clean

PYTHON = .venv/bin/python

run:
	@./setup.sh run
	@$(PYTHON) main.py $(ARGS)

test:
	@./setup.sh test
	$(PYTHON) -m pytest -n logical --dist loadfile -m "not slow" $(ARGS)

test-slow:
	@./setup.sh test
	$(PYTHON) -m pytest $(ARGS)

check:
	@./setup.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(PYTHON) -m pytest -q tests/test_architecture.py

shot:
	@./setup.sh test
	$(PYTHON) -m tests.shots $(ARGS)

bench:
	@./setup.sh test
	-$(PYTHON) benchmarks/startup.py
	-$(PYTHON) benchmarks/layer.py --repeats 3 --scale 0.4
	-$(PYTHON) benchmarks/capture.py --packets 100000 --rounds 1
	-for part in latency frames scroll seek; do $(PYTHON) benchmarks/window_load.py --only $$part --pairs 3; done

clean:
	rm -rf .venv shots build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
