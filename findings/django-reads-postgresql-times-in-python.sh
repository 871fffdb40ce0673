#!/bin/sh
# Under Django times come out of PostgreSQL through Python code, whichever psycopg is installed.
#
# Versions:  Django 5.2.19, psycopg and psycopg-binary 3.3.9.
# Guess:     with psycopg[binary] or psycopg[c] the values of all rows are made by its C code.
# Behaviour: Django registers a loader of its own for timestamptz, to set its time zone, and makes it a subclass of the one
#            that is written in Python: the one of the C module, which psycopg takes otherwise, is out of use. Each time
#            costs several times as much; whole numbers and texts are not concerned. A cursor may be given the loader of
#            psycopg back (cursor.adapters.register_loader) where many times are read and UTC is all that is wanted.
# Seen:      psycopg alone: psycopg_binary._psycopg.TimestamptzLoader
#            Django: ...psycopg_any.register_tzloader.<locals>.SpecificTzLoader, ...BaseTzLoader,
#            psycopg.types.datetime.TimestamptzLoader
#            100,000 times: 0.019 s and 0.505 s, while other programs ran
# No server is asked. Fails if they behave otherwise; how fast each is, is only printed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install Django==5.2.19 psycopg==3.3.9 psycopg-binary==3.3.9
"$folder/venv/bin/python" - <<'EOF'
from datetime import timezone
from importlib.metadata import version
from timeit import timeit

import psycopg
from django.conf import settings

settings.configure()
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

for name in ("Django", "psycopg", "psycopg-binary"):
    print(name, version(name))
assert psycopg.pq.__impl__ == "binary"
OID = psycopg.adapters.types["timestamptz"].oid


def loader(adapters):
    return adapters.get_loader(OID, Format.TEXT)


def full_name(one):
    return f"{one.__module__}.{one.__qualname__}"


alone, under_django = loader(psycopg.adapters), loader(get_adapters_template(True, timezone.utc))
print("psycopg alone:", full_name(alone))
python = [full_name(base) for base in under_django.__mro__ if base.__module__.startswith(("django", "psycopg.types"))]
print("Django:", ", ".join(python))
text = b"2026-11-29 23:30:00.123456+00"
times = []
for one in (alone, under_django):
    made = one(OID, None)
    times.append(timeit(lambda: made.load(text), number=100_000))
print("100,000 times: {:.3f} s and {:.3f} s".format(*times))
assert alone.__module__ == "psycopg_binary._psycopg", "psycopg alone behaves otherwise"
assert issubclass(under_django, TimestamptzLoader), "Django behaves otherwise"
print("as found")
EOF
