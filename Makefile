# Every command of the project. `make` alone lists them.
PORT ?= 8000
PYTHON ?= python3
ARGS ?=
# Some images forbid compiled files, and every process of a run would compile the whole project anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
# For tools that load the settings but never reach a server.
TOOL_ENV := env -u SECRET_KEY -u SITE_URL -u ALLOWED_HOSTS DEMO=1 DATABASE_URL=postgres://none/none \
	REDIS_URL=redis://127.0.0.1:1/0 CACHE_URL=redis://127.0.0.1:1/1
CHAOS := $(BIN)/python -m pytest -c tests/chaos/pytest.ini tests/chaos
# Every test that draws a sample of what it could send (tests/sampling.py, FUZZ=all: all of it), in two commands.
FUZZED := tests/fuzz tests/architecture/test_access_matrix.py
DRAWN = $$(grep -rlE "tests.sampling|[\"']FUZZ[\"']" tests --include='test_*.py' | grep -vE "^($(subst $() ,|,$(FUZZED)))")
WHOLLY := FUZZ=all $(BIN)/python deploy/stack.py with-servers -- $(BIN)/pytest -n 2 --timeout 1200
UV := 0.13.9
RESOLVE := .venv/lock-tool/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test long fuzz whole reset lint types chaos chaos-fast bench messages lock tools

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start the portal with the model case on http://127.0.0.1:8000/ (PORT= changes it)
	@$(PYTHON) deploy/prepare.py run
	@exec $(BIN)/python deploy/stack.py run --port $(PORT)

test: ## run the tests with servers of their own, but for what is long, and one case of each (ARGS= goes to pytest)
	@$(PYTHON) deploy/prepare.py test
	@exec $(BIN)/python deploy/stack.py with-servers -- $(BIN)/pytest -n 3 $(ARGS)

long: ## what make test leaves out: every page as everybody, in the browser too, whole stacks of processes, all cases
	@$(PYTHON) deploy/prepare.py test
	@exec env LONG=only $(BIN)/python deploy/stack.py with-servers -- $(BIN)/pytest -n 3 $(ARGS)

fuzz: ## send everything everywhere, the whole access matrix too (make test: a sample; FUZZ_SEED= draws another)
	@$(PYTHON) deploy/prepare.py test
	@exec env $(WHOLLY) $(FUZZED) $(ARGS)

whole: ## the other tests that draw by lot, all of each: limits, answers' times, links, personal data, payloads
	@$(PYTHON) deploy/prepare.py test
	@exec env $(WHOLLY) $(DRAWN) $(ARGS)

reset: ## throw the demo data away
	@exec $(PYTHON) deploy/stack.py reset

lint: tools ## style, imports, catalogues
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(TOOL_ENV) $(BIN)/lint-imports
	@$(TOOL_ENV) $(BIN)/python deploy/catalogues.py check

chaos: ## the fault suite: kills, lost answers, dead servers (CHAOS_SEED= repeats, CHAOS_SCALE=full for four cores)
	@$(PYTHON) deploy/prepare.py test
	@exec $(CHAOS) $(ARGS)

chaos-fast: ## its short form, with a stated allowance for slow machines
	@$(PYTHON) deploy/prepare.py test
	@exec env CHAOS_SCALE=fast $(CHAOS) $(ARGS)

bench: ## measure against bench/baselines.json (ARGS=posts: that part alone; mails, pages, posts, applications)
	@$(PYTHON) deploy/prepare.py test
	@exec $(BIN)/python -m bench $(ARGS)

types: tools ## static types
	@$(TOOL_ENV) $(BIN)/mypy

messages: tools ## take new texts into the catalogues
	@$(TOOL_ENV) $(BIN)/python deploy/catalogues.py refresh

lock: tools ## take new versions from requirements*.txt and package.json into the lock files
	@$(PYTHON) -m venv .venv/lock-tool
	@.venv/lock-tool/bin/pip install --quiet uv==$(UV)
	@$(RESOLVE) requirements.txt --output-file requirements.lock
	@$(RESOLVE) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock
	@$(RESOLVE) deploy/node.txt --output-file deploy/node.lock
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@$(PYTHON) deploy/frontlock.py

tools:
	@$(PYTHON) deploy/prepare.py tools
