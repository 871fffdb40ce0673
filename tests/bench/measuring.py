"""Measuring on one database, in a process of its own: Django's settings name one database for all of its life."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection
from contextlib import ExitStack

import django
from django.core.management import call_command

from tests.bench.figures import Result
from tests.bench.places import Place


def set_up(url: str) -> None:
    """Have Django use the database at ``url`` with the settings of tests, and SIGTERM end us in good order."""
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    # Buckets on, as in production, and above what is sent here.
    os.environ.update(LISTENER_RATE_PER_SERIAL="1000000000", LISTENER_BURST_PER_SERIAL="1000000000")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    django.setup()


def measure(place: Place, names: Collection[str], rounds: int) -> list[Result]:
    """Migrate the database of ``place``, to which this process is set up, and run the measurements of these names."""
    from tests.bench.context import Context
    from tests.bench.registry import MEASUREMENTS

    call_command("migrate", verbosity=0)
    results = []
    with ExitStack() as stack:
        context = Context(place, rounds, stack)
        for measurement in MEASUREMENTS:
            if measurement.name in names:
                sys.stderr.write(f"  {measurement.name}\n")
                results += measurement.run(context)
    return results
