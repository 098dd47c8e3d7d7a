# Every target only forwards to tasks.py, so that Windows needs no make:  py tasks.py reports
PYTHON ?= python3
ARGS ?=

reports test lab check setup lock benchmarks bundle docs:
	@$(PYTHON) tasks.py $@ $(ARGS)

.PHONY: reports test lab check setup lock benchmarks bundle docs
