"""Our own reader takes what the simulator writes, to the last row: on all days, at any size, plain and gzip."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from concentrators.meters import stg
from concentrators.meters.lists import ReceivedList
from concentrators.models.meters import MeterSource
from concentrators.simulator.meters.files import File, Schedule
from tests.concentrators.simulator.meters.made import DAY, NOW, SANTIAGO, made

FLEET = made(20)
WITHOUT_MIDNIGHT = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)  # its day began at 1:00
NIGHTS = [
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2027, 4, 4, 2, 30, tzinfo=UTC),  # the first 23:30 in Chile
    datetime(2027, 4, 4, 3, 30, tzinfo=UTC),  # the second one
    WITHOUT_MIDNIGHT,
]


@cache
def files(until: datetime) -> list[File]:
    return list(Schedule(FLEET, SANTIAGO, DAY).between(until.timestamp() - DAY, until.timestamp()))


def lists(until: datetime) -> Iterator[tuple[File, ReceivedList]]:
    for file in files(until):
        (report,) = stg.read(file.content, file.name).reports
        received = report.received(1, SANTIAGO, "0" * 64, file.name, None)
        assert received is not None
        yield file, received


@pytest.mark.parametrize("until", [NOW, *NIGHTS])
def test_no_row_is_bad_and_dates_are_those_of_the_concentrator(until: datetime) -> None:
    for file, received in lists(until):
        is_odd = until == WITHOUT_MIDNIGHT and received.source == MeterSource.G02
        assert {row.seen for row in received.bad_rows} <= ({"20260906000000000W"} if is_odd else set())
        if received.source != MeterSource.G02:
            assert received.listed_at.timestamp() == file.at
        if received.source == MeterSource.S24:
            assert received.rows
            assert received.whole
            assert all(row.last_seen and row.last_seen < received.listed_at for row in received.rows)


def test_rows_are_those_of_the_fleet() -> None:
    nets = {net.place.serial: net for net in FLEET.nets}
    for file, received in lists(NOW):
        rows = FLEET.rows(nets[file.serial], file.at)
        if received.source == MeterSource.S24:
            told = [(row.name, row.state, row.last_seen and row.last_seen.timestamp()) for row in received.rows]
            assert told == [(row.meter.name, row.seen.state, row.seen.last_contact) for row in rows]
        elif received.source == MeterSource.S11:
            by_mac = {f"{row.meter.mac:012X}": row for row in rows}
            for one in received.rows:
                row = by_mac[one.mac]
                assert (one.level, one.sid or 0, one.lsid or 255) == (row.level, row.sid, row.lsid)


@pytest.mark.parametrize("until", [NOW, *NIGHTS])
def test_availability_is_of_the_day_before_by_the_clock_of_the_company(until: datetime) -> None:
    days = {
        (datetime.fromtimestamp(file.at, SANTIAGO).date(), row.day)
        for file, received in lists(until)
        if received.source == MeterSource.G02
        for row in received.rows
    }
    assert days
    assert all(day == told - timedelta(days=1) for told, day in days if isinstance(day, date))
