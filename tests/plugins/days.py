"""``python -m tests.plugins.days``: the tests marked ``time``, on the days at which dates and clocks are irregular.

Each day has a run on SQLite and one on PostgreSQL; the two databases are tried side by side. On the days on which most
is irregular both run all of these tests, as in ``make test``. On the others each runs what its SQL may decide, and one
of them all else. The first day migrates a database, and the others use it after it, as a product does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.support.postgres import temporary_postgres

ZONES = ("America/Santiago", "Europe/Rome")
YEAR = 2027  # fixed, so that the days are the same in every run
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: Some at noon, some at half past eleven at night: while the tests run it may be another day in Rome.
EDGES = {
    "ordinary day": datetime(2027, 6, 15, 12, tzinfo=UTC),
    "last day but one of a year": datetime(2026, 12, 30, 12, tzinfo=UTC),
    "last day of a year": datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    "last day but one of February": datetime(2027, 2, 27, 12, tzinfo=UTC),
    "last day of February": datetime(2027, 2, 28, 23, 30, tzinfo=UTC),
    "leap day": datetime(2028, 2, 29, 12, tzinfo=UTC),
}
#: Besides those on which clocks change in the zone of most companies of these tests.
MOST_IRREGULAR = {"last day of a year", "leap day"}
#: What leaves to the other database what is the same on both, and out what is slow; see ``placing.py``.
BRIEFLY = ("--split", "--brief")
#: A browser takes longer than all else: it has its moved clock on one of the days.
WITH_BROWSER = "leap day"


def days() -> dict[str, datetime]:
    """The moments at which the tests start, by what is special about each."""
    found = dict(EDGES)
    for key in ZONES:
        for change in changes(ZoneInfo(key), YEAR):
            found[f"eve of {change:%-d %B} in {key}"] = eve_of(change, ZoneInfo(key))
            found[f"{change:%-d %B} in {key}"] = change + HOUR / 2
    return found


def is_most_irregular(name: str) -> bool:
    return name in MOST_IRREGULAR or (not name.startswith("eve of ") and name.endswith(ZONES[0]))


def changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """The moments of ``year`` at which the clocks of ``zone`` change; they do so on a full hour of UTC."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + n * HOUR for n in range(365 * 24)]
    return (after for before, after in pairwise(hours) if _offset(before, zone) != _offset(after, zone))


def eve_of(change: datetime, zone: ZoneInfo) -> datetime:
    """Before the day of ``change``, when a clock of UTC shows a time of day that ``change`` leaves out or repeats.

    Who writes the present, or the same time of tomorrow, in UTC where a time of ``zone`` is meant finds that there is
    no such time there, or two.
    """
    wall = change + min(_offset(change - HOUR, zone), _offset(change, zone)) + HOUR / 2
    return wall if wall.date() < change.date() else wall - DAY


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def failures(database: str, environment: dict[str, str], files: list[str]) -> int:
    """Run the tests on each day in turn and tell how it went; the number of days on which they failed."""
    failed = 0
    for name, moment in days().items():
        wanted = [file for file in files if name == WITH_BROWSER or not file.startswith("tests/browser/")]
        extent = () if is_most_irregular(name) else BRIEFLY
        done = run_pytest(environment, "--reuse-db", "--today", f"{moment:%Y-%m-%dT%H:%M}", *extent, *wanted)
        last_line = done.stdout.rstrip().rpartition("\n")[2]
        print(f"{moment:%Y-%m-%d %H:%M} {database:10} {last_line:50} {name}", flush=True)  # noqa: T201
        if done.returncode:
            failed += 1
            print(done.stdout, done.stderr, flush=True)  # noqa: T201
    return failed


def files_of_tests(environment: dict[str, str]) -> set[str]:
    """The files that have such tests: to read all others takes half of the time. Exits if they cannot be told."""
    done = run_pytest(environment, "--collect-only")
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}


def run_pytest(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-m", "time", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def main() -> None:
    with TemporaryDirectory() as folder, temporary_postgres() as cluster, ThreadPoolExecutor(1) as pool:
        on_sqlite = os.environ | {"TESTS_DATABASE_FOLDER": folder}
        on_sqlite.pop("DATABASE_URL", None)
        on_postgres = os.environ | {"DATABASE_URL": cluster.url}
        others = pool.submit(files_of_tests, on_sqlite)
        files = sorted(files_of_tests(on_postgres) | others.result())
        sqlite = pool.submit(failures, "SQLite", on_sqlite, files)
        failed = failures("PostgreSQL", on_postgres, files) + sqlite.result()
    sys.exit(f"The tests failed on {failed} of the days." if failed else 0)


if __name__ == "__main__":
    main()
