"""The speed of the product against floors measured in the same run (section 15): ``make bench``.

Builds a database of its own on a disk, starts the real processes on it, and measures each figure in turn with its
floor, several times over. What is compared is the ratio of the two: it holds on a machine that does other work too.
Everything stays on this machine and is gone afterwards. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from subprocess import CalledProcessError

from django.conf import settings

from tests.bench.against.checkouts import CheckoutError, this_checkout
from tests.bench.figures import Result
from tests.bench.measuring import measure, set_up
from tests.bench.options import parsed
from tests.bench.places import PLACES, PlaceError, filesystem_of, on_a_disk
from tests.bench.table import as_json, table


def main() -> int:
    set_up("sqlite://:memory:")
    options = _options()
    try:
        on_a_disk(options.directory)
        about = _about(options)
        results = _against(options) if options.against else _by_floors(options)
    except (PlaceError, CheckoutError, CalledProcessError) as error:
        sys.exit(str(error))
    _add_end(about)
    compared_with = "other commit" if options.against else "floor"
    for database, of_database in results.items():
        sys.stdout.write(f"\n{database}; {'; '.join(about.values())}\n\n{table(of_database, compared_with)}\n")
    if options.json:
        options.json.write_text(json.dumps(as_json(results, about), indent=2, ensure_ascii=False) + "\n")
    is_missed = any(result.is_met is False for of_database in results.values() for result in of_database)
    return int(options.strict and is_missed)


def _options() -> argparse.Namespace:
    from tests.bench.registry import MEASUREMENTS

    names = [measurement.name for measurement in MEASUREMENTS]
    quick = [measurement.name for measurement in MEASUREMENTS if measurement.is_quick]
    return parsed(None, __doc__ or "", names, quick)


def _by_floors(options: argparse.Namespace) -> dict[str, list[Result]]:
    return {database: _measured(database, options) for database in options.databases}


def _against(options: argparse.Namespace) -> dict[str, list[Result]]:
    from tests.bench.against.compare import compare

    found = compare(
        options.against, options.only, options.rounds, options.directory, options.concentrators, options.at_least
    )
    return {"postgres": found}


def _measured(database: str, options: argparse.Namespace) -> list[Result]:
    sys.stderr.write(f"{database}\n")
    with PLACES[database](options.directory) as place, _process_on(place.url) as process:
        return process.submit(measure, place, options.only, options.rounds).result()


def _process_on(url: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=set_up, initargs=(url,))


def _about(options: argparse.Namespace) -> dict[str, str]:
    """What the figures depend on, before anything is measured."""
    return (_commits(options.against) if options.against else {}) | {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processors": f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before it began",
        "disk": f"on {options.directory} ({filesystem_of(options.directory)})",
        "python": f"Python {platform.python_version()}",
        "rounds": f"median of {options.rounds} rounds (lowest … highest)",
    }


def _commits(other: str) -> dict[str, str]:
    this = this_checkout(settings.BASE_DIR).name
    return {"commits": f"{this} against {other}, above 1 the ratio is in favour of {this}"}


def _add_end(about: dict[str, str]) -> None:
    """How busy the machine has become: others' work on it, too."""
    about["processors"] += f" and {os.getloadavg()[0]:.1f} at the end"


if __name__ == "__main__":
    sys.exit(main())
