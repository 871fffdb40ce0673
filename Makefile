# SMM ePlus wake-up support. Needs make and Python 3.11 or newer; `make` alone lists what it can do.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
LISTENER_PORT ?= 58692
METRICS_PORT ?=
ARGS ?=

SHELL := /bin/sh
PY := $(VENV)/bin/python
DEMO_ENV := var/demo.env
AUDIT := $(VENV)-audit
CLIENTS := $(VENV)-clients
# The demonstration and the tests keep away from the database that a developer's .env may name.
DEMO := env -u DEBUG ENV_FILE=$(DEMO_ENV) PORT=$(PORT) LISTENER_PORT=$(LISTENER_PORT) METRICS_PORT=$(METRICS_PORT) \
	PYTHONUNBUFFERED=1 WRITER_NETWORKS=127.0.0.0/8 EMAIL_URL=filemail:///var/demo-mail \
	PATH="$(abspath $(VENV))/bin:$$PATH"
# What Python has compiled is kept, whatever the shell says of that: the tests start many processes.
TESTS := env -u DEBUG -u PYTHONDONTWRITEBYTECODE DJANGO_SETTINGS_MODULE=tests.settings
MANAGE := $(TESTS) DATABASE_URL=sqlite://:memory: $(PY) manage.py
MANAGE_AS_IN_PRODUCTION := env -u DEBUG -u PYTHONDONTWRITEBYTECODE -u HTTPS ENV_FILE=/dev/null DATABASE_URL=sqlite://:memory: \
	SECRET_KEY=long-enough-and-of-many-different-characters-0123456789 $(PY) manage.py
SOAK := $(TESTS) CI=true SOAK=true
LOCK := $(PY) -m uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test lint test-sqlite test-postgres test-browser test-days soak bench trial screenshots messages lock clean \
	audit sbom clients venv demo-packages audit-packages client-packages test-packages chromium
.NOTPARALLEL:

help:
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: demo-packages $(DEMO_ENV) ## start the whole product, with data to look at, until Ctrl-C (PORT=8000 LISTENER_PORT=58692 METRICS_PORT=9592)
	@grep -q '^DEMO=' $(DEMO_ENV) || echo DEMO=true >>$(DEMO_ENV)
	@umask 077; $(wait_for); $(DEMO) $(PY) manage.py preparedemo & wait_for $$!; \
	if [ $$code = 0 ] && [ -z "$$stopped" ]; then \
		$(DEMO) $(PY) -m smmeplus.demo.processes -e /dev/null start -p $(PORT) & wait_for $$!; \
	fi; \
	case $$code in 130|143) ;; *) exit $$code ;; esac

# All at once: each waits at times, for the disk, for a browser, for real processes.
test: chromium test-packages ## all checks and all tests: on SQLite, on PostgreSQL, in a browser; ARGS="--today 2027-02-28": on that day
	@mkdir -p var; $(call beside,lint,) & lint=$$!; \
	$(call beside,test-browser,$(ARGS)) & browser=$$!; \
	$(call beside,test-postgres,--split $(ARGS)) & postgres=$$!; \
	$(MAKE) --no-print-directory test-sqlite ARGS="--split $(ARGS)"; code=$$?; \
	for one in $$lint $$browser $$postgres; do wait $$one || code=$$?; done; exit $$code

lint: test-packages ## formatting, types, Django's own checks, missing migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(TESTS) $(PY) -m mypy .
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING
	$(MANAGE_AS_IN_PRODUCTION) check --deploy --fail-level WARNING

test-sqlite: test-packages ## the tests on SQLite; ARGS is for pytest: make test-sqlite ARGS="tests/wakeup -x"
	env -u DATABASE_URL $(TESTS) $(PY) -m pytest $(ARGS)

test-postgres: test-packages ## the tests on a PostgreSQL of their own; ARGS as above
	$(TESTS) $(PY) -m tests.support.postgres -- $(PY) -m pytest $(ARGS)

test-browser: chromium ## the tests in a browser; ARGS as above
	env -u DATABASE_URL $(TESTS) $(PY) -m pytest tests/browser $(ARGS)

soak: test-packages ## crashes, properties and worlds with many more rounds, examples and days than in CI, in any order
	env -u DATABASE_URL $(SOAK) $(PY) -m pytest -m "hypothesis or process or soak" --shuffle $(ARGS)
	$(SOAK) $(PY) -m tests.support.postgres -- $(PY) -m pytest -m "hypothesis or process or soak" --shuffle $(ARGS)

test-days: chromium ## the tests that depend on time, on each day of tests/plugins/days.py: ends of months, leap day, DST
	$(TESTS) $(PY) -m tests.plugins.days

bench: test-packages ## the listener against floors of the same run, or ARGS="--only per1 per2 --against REV"; ARGS=-h for all
	$(TESTS) $(PY) -m tests.bench $(ARGS)

trial: test-packages ## lose one machine of a whole fleet after the other, under load: some minutes, as root, on Debian; ARGS=-h
	$(TESTS) $(PY) -m tests.trial $(ARGS)

screenshots: chromium ## take docs/screenshots anew from the product as `make run` has it running in another terminal
	$(PY) -m tests.support.screenshots --url http://127.0.0.1:$(PORT)

messages: test-packages ## gather the texts of the product in locale/*.po and compile them (needs GNU gettext)
	@command -v msgmerge >/dev/null || { \
		echo "GNU gettext is needed. Install it with: sudo apt-get install gettext" >&2; exit 1; }
	$(MANAGE) makemessages --locale es --locale it --add-location file --no-obsolete --extension html,py \
		--ignore $(VENV) --ignore var --ignore tests --ignore node_modules
	for language in es it; do \
		msgfmt --check-format -o locale/$$language/LC_MESSAGES/django.mo locale/$$language/LC_MESSAGES/django.po || exit 1; \
	done

lock: venv ## write requirements/*.txt anew from pyproject.toml and *.in; ARGS is for uv: make lock ARGS=--upgrade
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install -qq --disable-pip-version-check uv
	$(LOCK) pyproject.toml -o requirements/base.txt $(ARGS)
	$(LOCK) pyproject.toml --extra amqp -o requirements/amqp.txt $(ARGS)
	$(LOCK) pyproject.toml requirements/demo.in -o requirements/demo.txt $(ARGS)
	$(LOCK) pyproject.toml requirements/dev.in -o requirements/dev.txt $(ARGS)
	$(LOCK) requirements/audit.in -o requirements/audit.txt $(ARGS)
	$(LOCK) requirements/clients.in -o requirements/clients.txt $(ARGS)

audit: test-packages audit-packages ## what is known against the locked packages; fails if anything is (ARGS=--must-ask: or if nobody tells)
	$(PY) -m tests.support.supply.audit $(AUDIT)/bin/pip-audit $(ARGS)

sbom: test-packages audit-packages ## write var/sbom.json: all components of a release with hashes and licences, as CycloneDX
	@mkdir -p var
	@$(AUDIT)/bin/python -W ignore -m cyclonedx_py requirements requirements/base.txt --pyproject pyproject.toml \
		--mc-type application --output-reproducible --output-format JSON --output-file var/sbom.raw.json
	@$(AUDIT)/bin/python -m tests.support.supply.sbom var/sbom.raw.json var/sbom.json \
		--installed "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

clients: test-packages client-packages ## make clients of the API with three generators, which then work against it (needs Java, npm)
	env -u DATABASE_URL $(TESTS) CLIENTS=$(abspath $(CLIENTS)) $(PY) -m pytest tests/clients $(ARGS)

clean: ## remove the virtual environments and caches; the data in var/ stays
	rm -rf $(VENV) $(AUDIT) $(CLIENTS) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew when its Python is gone, as after an upgrade of the system, or when making it was interrupted.
venv:
	@$(PY) -c 'import pip' 2>/dev/null || { $(new_venv); }

demo-packages: venv
	@$(call install,demo)

audit-packages:
	@$(call install_apart,audit,$(AUDIT))

client-packages:
	@$(call install_apart,clients,$(CLIENTS))

test-packages: venv
	@$(call install,dev)

chromium: test-packages
	@$(PY) -m tests.support.chromium >/dev/null

$(DEMO_ENV):
	@umask 077 && mkdir -p $(@D)/static
	@umask 077 && $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' >$@.new
	@umask 077 && $(PYTHON) -c 'import base64, os; print("CONFIGURATION_KEYS=" + base64.urlsafe_b64encode(os.urandom(32)).decode())' >>$@.new
	@printf 'HTTPS=false\nSTATIC_FROM_PACKAGES=true\nDEMO=true\n' >>$@.new && mv $@.new $@

# Debian keeps what makes a virtual environment in a package of its own.
define new_venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")' || exit 1; \
if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "Python cannot make a virtual environment here. Install it with: sudo apt-get install $$package" >&2; exit 1; \
	fi; \
	echo "Installing $$package"; \
	apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $$package >/dev/null || exit 1; \
fi; \
$(wait_for); $(PYTHON) -m venv --clear $(VENV) & wait_for $$!; exit $$code
endef

# Ctrl-C reaches the shell alone, which ends what it waits for: a Python that met it would print a traceback.
define wait_for
stopped=; pid=; code=0; \
trap 'stopped=1; kill -TERM $$pid' INT TERM; trap 'stopped=1; kill -HUP $$pid; kill -TERM $$pid' HUP; \
wait_for() { pid=$$1; while kill -0 $$pid 2>/dev/null; do wait $$pid 2>/dev/null; code=$$?; done; }
endef

# $(call beside,TARGET,ARGS): its output is shown in one piece when it has ended.
define beside
{ $(MAKE) --no-print-directory $(1) ARGS="$(2)" >var/$(1).txt 2>&1; code=$$?; \
	echo "make $(1)"; cat var/$(1).txt; exit $$code; }
endef

# $(call install,NAME): the lock as it was installed is kept beside it, so that nothing is done while it stays the same.
define install
cmp -s requirements/$(1).txt $(VENV)/$(1).installed || { \
	echo "Installing requirements/$(1).txt" && \
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/$(1).txt && \
	cp requirements/$(1).txt $(VENV)/$(1).installed; }
endef

# $(call install_apart,NAME,FOLDER): apart from all others, which its many packages would change.
define install_apart
cmp -s requirements/$(1).txt $(2)/installed || { $(PYTHON) -m venv --clear $(2) && \
	echo "Installing requirements/$(1).txt" && \
	$(2)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/$(1).txt && \
	cp requirements/$(1).txt $(2)/installed; }
endef
