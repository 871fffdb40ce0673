"""A pytest plugin: ``--today 2027-02-28`` moves the clock of the tests and of every process that they start.

It goes on ticking from there. ``tests/browser/conftest.py`` moves the browser's clock. PostgreSQL's clock stays, which
nobody asks (``tests/test_database_clock.py``), and so do the monotonic clocks, by which event loops and timeouts run.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

CLOCK_FOLDER = Path(__file__).parent / "clock"
#: In the environment of each started process: the seconds by which ``clock/sitecustomize.py`` moves its clock.
OFFSET = "TESTS_CLOCK_OFFSET_S"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--today",
        type=moment,
        metavar="DAY",
        help="run as if it were this day at the present time (2027-02-28), or this moment (2027-02-28T23:59); UTC",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if today := config.getoption("today"):
        move_clock_to(today)


def pytest_report_header() -> str | None:
    now = moved_now()
    return f"clock: moved to {now:%Y-%m-%d %H:%M} UTC" if now else None


def moment(text: str) -> datetime:
    """The moment that ``text`` gives; the present time of day where it is a day only. Raises ValueError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return datetime.combine(day, _real_now().time(), UTC)


def move_clock_to(to: datetime) -> None:
    """Move the clock of this process, until it ends, and of those that it starts from now on."""
    offset = (to - _real_now()).total_seconds()
    time_machine.travel(_real_now().timestamp() + offset).start()
    os.environ[OFFSET] = str(offset)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(CLOCK_FOLDER), os.environ.get("PYTHONPATH")]))


def moved_now() -> datetime | None:
    """The present where the clock is moved; None where it is the machine's."""
    return datetime.now(UTC) if OFFSET in os.environ else None


def offset_s() -> float:
    """The seconds by which the clock of this process is moved."""
    return float(os.environ.get(OFFSET, "0"))


def _real_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=offset_s())
