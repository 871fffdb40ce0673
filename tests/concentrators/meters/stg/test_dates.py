"""Dates with a season letter, read in the company's zone (MET-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concentrators.meters.stg.dates import is_contradicted, moment_of, read_date
from tests.concentrators.meters.stg.documents import SANTIAGO, cnc, document, meter, received, s24

MADRID, LISBON, LIMA = ZoneInfo("Europe/Madrid"), ZoneInfo("Europe/Lisbon"), ZoneInfo("America/Lima")
SEASONS = {
    "America/Santiago": SANTIAGO,
    "Europe/Madrid": MADRID,
    "Europe/Lisbon": LISBON,
    "Europe/Rome": ZoneInfo("Europe/Rome"),
}


def read(text: str, zone: ZoneInfo = SANTIAGO) -> tuple[str, bool]:
    """The moment in UTC, and whether the zone contradicts it."""
    clock = read_date(text)
    assert clock is not None
    moment = moment_of(clock, zone)
    return f"{moment:%Y-%m-%d %H:%M}", is_contradicted(clock, moment, zone)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("20270403225959000S", SANTIAGO, "2027-04-04 01:59"),
        ("20270403230000000S", SANTIAGO, "2027-04-04 02:00"),
        ("20270403233000000S", SANTIAGO, "2027-04-04 02:30"),
        ("20270403233000000W", SANTIAGO, "2027-04-04 03:30"),
        ("20270403233000000", SANTIAGO, "2027-04-04 02:30"),  # nobody says which: the first
        ("20270404000000000W", SANTIAGO, "2027-04-04 04:00"),
        ("20270904235959000W", SANTIAGO, "2027-09-05 03:59"),
        ("20270905010000000S", SANTIAGO, "2027-09-05 04:00"),
        ("20261025023000000S", MADRID, "2026-10-25 00:30"),
        ("20261025023000000W", MADRID, "2026-10-25 01:30"),
        ("20261025013000000S", LISBON, "2026-10-25 00:30"),
        ("20261025013000000W", LISBON, "2026-10-25 01:30"),
        ("20261231235959000S", SANTIAGO, "2027-01-01 02:59"),
        ("20261231235959000W", MADRID, "2026-12-31 22:59"),
        ("20261129120000000S", LIMA, "2026-11-29 17:00"),  # a zone without seasons: the letter says nothing
        ("20261129120000000W", LIMA, "2026-11-29 17:00"),
    ],
)
def test_the_letter_tells_the_doubled_hour(text: str, zone: ZoneInfo, moment: str) -> None:
    assert read(text, zone) == (moment, False)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20270905003000000S", "2027-09-05 03:30"),  # in the hour that is skipped
        ("20270905003000000W", "2027-09-05 04:30"),
        ("20270905003000000", "2027-09-05 04:30"),
        ("20270115120000000W", "2027-01-15 16:00"),  # a clock that has not changed to summer
        ("20270715120000000S", "2027-07-15 15:00"),
    ],
)
def test_what_the_zone_does_not_have_is_read_by_its_letter_and_is_a_fault(text: str, moment: str) -> None:
    assert read(text) == (moment, True)
    seen = received(document(cnc(s24(meter(date=text), date="20280101120000000S"))))
    assert [f"{row.last_seen:%Y-%m-%d %H:%M}" for row in seen.rows] == [moment]
    assert [(row.meter, row.seen) for row in seen.bad_rows] == [("CIR9900000001", text)]


def test_a_clock_that_has_not_changed_is_one_fault_of_the_list_and_not_one_of_each_row() -> None:
    rows = [meter(f"CIR{number}", date="20270115115900000W") for number in range(5)]
    found = received(document(cnc(s24(*rows, date="20270115120000000W"))))
    assert found.listed_at == datetime(2027, 1, 15, 16, tzinfo=UTC)
    assert [(row.meter, row.seen) for row in found.bad_rows] == [("", "20270115120000000W")]
    assert {row.last_seen for row in found.rows} == {datetime(2027, 1, 15, 15, 59, tzinfo=UTC)}


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2037, 12, 30)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
    st.sampled_from(sorted(SEASONS)),
)
def test_what_a_right_clock_writes_is_read_as_its_moment(moment: datetime, name: str) -> None:
    zone = SEASONS[name]
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    season = "S" if local.dst() else "W"
    if abs((local.dst() or timedelta(0)).total_seconds()) in (0, 3600) and local.year not in YEARS_OF_OWN_RULES:
        clock = read_date(f"{local:%Y%m%d%H%M%S}000{season}")
        assert clock is not None
        assert moment_of(clock, zone) == moment.replace(tzinfo=UTC)
        assert not is_contradicted(clock, moment_of(clock, zone), zone)


#: Chile had summer time all that year, which its zone file calls winter.
YEARS_OF_OWN_RULES = (2015,)
