"""The days on which CI runs what depends on time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.plugins.days import days, eve_of, is_most_irregular

SANTIAGO, ROME = ZoneInfo("America/Santiago"), ZoneInfo("Europe/Rome")


def test_the_days_are_these() -> None:
    assert [moment.date() for moment in days().values()] == [
        date(2027, 6, 15),
        date(2026, 12, 30),
        date(2026, 12, 31),
        date(2027, 2, 27),
        date(2027, 2, 28),
        date(2028, 2, 29),
        # As the zones' laws have it: in Chile on the first Sundays in April and from 2 to 8 September, …
        *(date(2027, 4, 3), date(2027, 4, 4)),
        *(date(2027, 9, 4), date(2027, 9, 5)),
        # … in Italy on the last Sundays of March and October.
        *(date(2027, 3, 27), date(2027, 3, 28)),
        *(date(2027, 10, 30), date(2027, 10, 31)),
    ]


def test_all_runs_on_both_databases_where_clocks_of_chile_change_at_the_end_of_the_year_and_on_the_leap_day() -> None:
    assert [moment.date() for name, moment in days().items() if is_most_irregular(name)] == [
        date(2026, 12, 31),
        date(2028, 2, 29),
        *(date(2027, 4, 4), date(2027, 9, 5)),
    ]


@pytest.mark.parametrize(
    ("change", "zone", "eve"),
    [
        (datetime(2027, 9, 5, 4, tzinfo=UTC), SANTIAGO, "2027-09-04 00:30"),  # 00:00 to 01:00 is left out
        (datetime(2027, 4, 4, 3, tzinfo=UTC), SANTIAGO, "2027-04-03 23:30"),  # 23:00 to 24:00 of the 3rd comes twice
        (datetime(2027, 3, 28, 1, tzinfo=UTC), ROME, "2027-03-27 02:30"),
        (datetime(2027, 10, 31, 1, tzinfo=UTC), ROME, "2027-10-30 02:30"),
    ],
)
def test_on_the_eve_it_is_in_utc_what_the_change_leaves_out_or_repeats(
    change: datetime, zone: ZoneInfo, eve: str
) -> None:
    assert f"{eve_of(change, zone):%Y-%m-%d %H:%M}" == eve
