# Daily habits of developers. Newcomers need only bin/demo and bin/test.

PY := .venv/bin

.PHONY: help check test test-fast coverage soak bench fix pictures lock changelog
help:  ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

check:  ## style, types, contracts (no test)
	$(PY)/ruff check
	$(PY)/ruff format --check
	$(PY)/mypy
	$(PY)/lint-imports

test:  ## every check, as bin/test
	bin/test

test-fast:  ## the foundations: no Django, no database
	$(PY)/pytest -q tests/ledger

coverage:  ## which lines and branches no test reaches (doubles the time of a run)
	$(PY)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not browser" --cov --cov-report=term:skip-covered

LONG := tests/ledger tests/evidence/test_long_log.py tests/machine/test_signer_process.py \
	tests/machines tests/crash tests/alerts/test_gathering.py \
	tests/attacks/test_edge.py tests/attacks/test_live.py tests/attacks/test_sign_in.py
soak:  ## the long runs: full counts of what the ordinary run samples
	ACCEDIT_SOAK=1 $(PY)/pytest -q -s -p no:randomly -o faulthandler_timeout=0 $(LONG)

bench:  ## the figures of docs/performance.md, beside nginx (apt-get install nginx-light); QUICK=1
	$(PY)/python -m bench $(if $(QUICK),--quick)

pictures:  ## a screenshot of each page, by everybody, at both widths, in pictures/
	ACCEDIT_PICTURES=$(CURDIR)/pictures $(PY)/pytest -q -p no:randomly tests/journeys

fix:  ## what can be put right by a program
	$(PY)/ruff check --fix
	$(PY)/ruff format

# The lock files hold versions and hashes only. uv.lock names a registry on every line: it is
# made, read, and thrown away.
lock:  ## pin again what pyproject.toml asks for
	.outils/bin/uv lock --upgrade --quiet
	.outils/bin/uv export --quiet --frozen --no-dev --no-emit-project --no-header --no-annotate -o requirements.lock
	.outils/bin/uv export --quiet --frozen --no-emit-project --no-header --no-annotate -o requirements-dev.lock
	rm uv.lock

changelog:  ## what the next version's changelog would say
	$(PY)/towncrier build --draft --version next
