# Two commands do all the set-up: `make matrix` runs the main job, `make test` passes the tests.
# CI calls the same names. Requires Python 3.11 or newer, make and git.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
ROOMS := $(shell find harness scenarios servers watch -type d -not -name __pycache__) results

.PHONY: matrix test check evidence claims bench bench-sweeps bench-watch watched soak-watch bench-batches chance-evidence simulate-gates instruments requalify readme schemas reach-table real-programs corpus mutate catalogue line-index pool-code inference lock clean

matrix: .venv/installed          ## a matrix of real releases, ending in a grid
	$(BIN)/tox run-parallel --parallel auto

test: .venv/installed            ## the tests, six in parallel: most of them wait for a cell
	$(BIN)/pytest --numprocesses 6 --dist worksteal

check: .venv/installed           ## strict types, lint, layers, and the oldest Python of scenarios/ and watch/
	$(BIN)/mypy -p poolgate
	$(BIN)/mypy --explicit-package-bases tests toxfile.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports pyproject.toml --no-cache --no-logo
	$(BIN)/vermin --quiet --no-tips --violations --target=3.6- scenarios
	$(BIN)/vermin --quiet --no-tips --violations --target=3.8- watch

# The newest releases are measured in more variants: each situation of a sweep, trio, and both.
TODAY := httpx==0.28.1 httpx2==2.16.2 httpxyz==0.42.1
LONGEST := $(foreach situation,tls http2 proxy tunnel socks,'cancel-sweep[situation=$(situation)]') \
	$(foreach id,cancel-sweep cancel-task-group cancel-first-response cancel-reading cancel-connecting cancel-contention \
	gather-over-limit queue-timeout h2-cancel abandoned-stream unread-response close-pool keepalive-limit \
	keepalive-expiry server-fault,'$(id)[backend=trio]') 'cancel-sweep[backend=trio,situation=http2]'

# How long a watched load lasts.
SECONDS ?= 3600

# The share of the qualified verdicts that each release measures again; all stale ones are.
SHARE ?= 0.05

evidence: .venv/installed        ## measure what ships: the oldest qualified cells, then all that is stale or missing
	$(BIN)/python -m poolgate.maintenance.oldest --share $(SHARE)
	for line in httpx:0.7.1.. httpcore:0.7.0.. httpx2:2.0.0.. httpxyz httpcorexyz; do \
		$(BIN)/poolgate run all --line $$line --results results || exit; done
	$(BIN)/poolgate run $(LONGEST) $$($(BIN)/python -m poolgate.maintenance.failing_variants) \
		--target $(TODAY) --results results
	$(BIN)/python -m poolgate.maintenance.chance.blocks --target $(TODAY)
	$(MAKE) readme

claims: .venv/installed          ## measure the claims, and store the results in their files
	$(BIN)/poolgate verify results/claims --write --results results > /dev/null || test $$? -eq 1
	$(MAKE) readme

bench: .venv/installed           ## how fast poolgate is, as ratios from one run
	$(BIN)/python tests/bench/bench.py
	PYTHONPATH=tests $(BIN)/python tests/bench/bench_reach.py

bench-sweeps: .venv/installed    ## how long sweeps take, whether they agree, and 50 of them on a busy machine
	$(BIN)/python tests/bench/bench_sweeps.py

bench-watch: .venv/installed     ## what the watcher costs a request, and how long a look takes
	PYTHONPATH=tests $(BIN)/python tests/bench/bench_watch.py

watched: .venv/installed         ## cells with the watcher in their workers, compared with counted slots, in results/WATCHED.md; resumable
	$(BIN)/python -m poolgate.maintenance.watched $(WITH)

soak-watch: .venv/installed      ## an hour of mixed load: reported lost slots compared with counted ones: SECONDS=3600
	PYTHONPATH=tests $(BIN)/python tests/bench/soak_watch.py --seconds $(SECONDS)

bench-batches: .venv/installed   ## what makes batches of runs differ where chance decides: WITH="--batches 6 --parallel 1 4 8"
	$(BIN)/python tests/bench/bench_batches.py $(WITH)

chance-evidence: .venv/installed ## measure gates on cells that chance decides: WITH="--itself 10 --real 5 --busy 2 --budget 60"
	$(BIN)/python -m poolgate.maintenance.chance.evidence $(WITH)

simulate-gates: .venv/installed  ## 10,000 gates simulated from those: false "worse", power: WITH="--gates 10000 --seed 0"
	$(BIN)/python -m poolgate.maintenance.chance.simulate $(WITH)

instruments: .venv/installed     ## write results/instruments.json: the parts that this release measures with
	$(BIN)/python -m poolgate.maintenance.instruments

requalify: .venv/installed       ## measure sentinel cells after a change of a part, and record the result: WHY="reason"
	$(BIN)/python -m poolgate.maintenance.requalify --why "$(WHY)"

readme: .venv/installed          ## the generated parts of README.md, the pages in results/, and watch/ledger.json
	$(BIN)/python -m poolgate.maintenance.inference
	$(BIN)/python -m poolgate.maintenance.watch_ledger
	$(BIN)/python -m poolgate.maintenance.readme

schemas: .venv/installed         ## the JSON Schemas of the answers
	$(BIN)/python -m poolgate.maintenance.schemas

reach-table: .venv/installed     ## how well `--code` reads the labelled programs, in results/REACH.md
	$(BIN)/python -m poolgate.maintenance.reach_table

real-programs: .venv/installed   ## what `--code` reads of packages from the registry, labelled by hand; then reach-table
	$(BIN)/python -m poolgate.maintenance.real_programs
	$(MAKE) reach-table

corpus: .venv/installed          ## add histories to the corpus and store all judgements; needs a raised number for a changed one
	$(BIN)/python tests/corpus_update.py

mutate: .venv/installed          ## which changes of a judging rule the corpus detects
	$(BIN)/python tests/mutate.py

catalogue: .venv/installed       ## the catalogue of releases up to CUTOFF (a date), with each pair tried
	$(BIN)/python -m poolgate.maintenance.catalogue.make --cutoff $(CUTOFF)
	$(BIN)/python -m poolgate.maintenance.catalogue.trial
	$(BIN)/python -m poolgate.maintenance.catalogue.dependents

line-index: .venv/installed      ## the index of the lines of every release in the catalogue, for versions from a traceback
	$(BIN)/python -m poolgate.maintenance.line_index

pool-code: .venv/installed       ## the digests of the code that a pool depends on, of every release in the catalogue
	$(BIN)/python -m poolgate.maintenance.pool_code
	$(MAKE) inference

inference: .venv/installed       ## infer each stored verdict from the other pairs; scenarios that disagree are not inferred
	$(BIN)/python -m poolgate.maintenance.inference

lock: .venv/installed            ## newer versions of poolgate's own dependencies
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-emit-index-url --extra dev \
		--output-file constraints.txt pyproject.toml

# A strict editable install does not see new files: the folders are prerequisites, as a new file changes their time.
.venv/installed: pyproject.toml constraints.txt $(ROOMS)
	@test -n "$(PYTHON)" || { echo "poolgate needs Python 3.11 or newer with venv and ensurepip" \
		"(on Debian: apt install python3-venv), or name one: make PYTHON=..."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt \
		--config-setting editable_mode=strict --editable '.[dev]'
	@touch $@

clean:                           ## remove all that the other commands made
	rm -rf .venv .tox .poolgate build .pytest_cache .mypy_cache .ruff_cache .hypothesis poolgate.egg-info
