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
from pathlib import Path

from tests.bench.figures import Result
from tests.bench.measuring import measure, set_up
from tests.bench.places import DEFAULT_DIRECTORY, PLACES, PlaceError, filesystem_of, on_a_disk
from tests.bench.table import as_json, table

ROUNDS = 5


def main() -> int:
    set_up("sqlite://:memory:")
    options = _options()
    try:
        on_a_disk(options.directory)
        about = _about(options)
        results = {database: _measured(database, options) for database in options.databases}
    except PlaceError as error:
        sys.exit(str(error))
    for database, of_database in results.items():
        sys.stdout.write(f"\n{database}; {'; '.join(about.values())}\n\n{table(of_database)}\n")
    if options.json:
        options.json.write_text(json.dumps(as_json(results, about), indent=2, ensure_ascii=False) + "\n")
    is_missed = any(result.is_met is False for of_database in results.values() for result in of_database)
    return int(options.strict and is_missed)


def _options() -> argparse.Namespace:
    from tests.bench.registry import MEASUREMENTS

    names = [measurement.name for measurement in MEASUREMENTS]
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    quick = ",".join(measurement.name for measurement in MEASUREMENTS if measurement.is_quick)
    parser.add_argument(
        "--only", default=quick, metavar="NAMES", help=f"which, of {','.join(names)} (default: %(default)s)"
    )
    parser.add_argument("--database", choices=[*PLACES, "both"], default="both", help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured (default: %(default)s)")
    parser.add_argument(
        "--directory", type=Path, default=DEFAULT_DIRECTORY, help="on the disk to measure on (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if options.rounds < 1:
        parser.error("at least one round is needed")
    options.databases = list(PLACES) if options.database == "both" else [options.database]
    return options


def _measured(database: str, options: argparse.Namespace) -> list[Result]:
    sys.stderr.write(f"{database}\n")
    with PLACES[database](options.directory) as place, _process_on(place.url) as process:
        return process.submit(measure, place, options.only, options.rounds).result()


def _process_on(url: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=set_up, initargs=(url,))


def _about(options: argparse.Namespace) -> dict[str, str]:
    """What the figures depend on, before anything is measured."""
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processors": f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before it began",
        "disk": f"on {options.directory} ({filesystem_of(options.directory)})",
        "python": f"Python {platform.python_version()}",
        "rounds": f"median of {options.rounds} rounds (lowest … highest)",
    }


if __name__ == "__main__":
    sys.exit(main())
