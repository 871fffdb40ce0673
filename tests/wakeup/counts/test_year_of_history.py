"""A leap year of wake-ups imports to what plain Python counts, in every zone and after every change of zone.

At a developer's desk the year has five weeks: those with one change of clocks in Rome and one in Santiago, whose days
have 23 and 25 hours.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from profiles.models import SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import IN_CI
from wakeup.models import DailyCount, Message, WakeupTotal

YEAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
FIVE_WEEKS = datetime(2020, 3, 15, tzinfo=UTC), datetime(2020, 4, 19, tzinfo=UTC)
BEGIN, END = YEAR if IN_CI else FIVE_WEEKS
PERIOD = timedelta(minutes=100)
CONCENTRATORS = 15
ZONES = ["America/Santiago", "Europe/Rome", "Asia/Kolkata"]
#: Of so many wake-ups one is a boot, half an hour late: the power was gone.
WAKEUPS_FOR_A_BOOT = 200
OUTAGE = timedelta(minutes=31)

Facts = tuple[object, ...]


class Sent(NamedTuple):
    """One message of the year."""

    serial: str
    at: datetime
    address: str
    port: int
    kind: str


def year_of(number: int) -> Iterator[Sent]:
    """What concentrator ``number`` sends: every 100 minutes from its last boot on, and a last gasp before that.

    The first minutes, and the microsecond before some of them, put wake-ups to both sides of each zone's midnights.
    """
    serial, boots = serial_of(number), 0
    at = BEGIN + timedelta(minutes=10 * number, microseconds=-(number // 2 % 2))
    for n in count(1):
        is_boot = n % WAKEUPS_FOR_A_BOOT == 0
        if is_boot:
            yield Sent(serial, at - timedelta(seconds=1), "10.9.9.9", 1, "lastgasp")
            at, boots = at + OUTAGE, boots + 1
        if at >= END:
            return
        yield Sent(serial, at, f"10.60.{number}.{boots}", 58_692 + boots % 2, "boot" if is_boot else "keepalive")
        at += PERIOD


def serial_of(number: int) -> str:
    return f"16CEC506{number:08}"


def zone_of(serial: str) -> str:
    """That of the company of the concentrator: each of the three has five."""
    return ZONES[int(serial[-8:]) % len(ZONES)]


def write(file: Path, year: list[Sent]) -> None:
    """In the order of time, as an older system wrote them down: each with the offset of its place."""
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["serial_number", "received_at", "ip_address", "port", "kind"])
        for sent in sorted(year, key=lambda sent: sent.at):
            local = sent.at.astimezone(ZoneInfo(zone_of(sent.serial)))
            writer.writerow([sent.serial, local.isoformat(), sent.address, sent.port, sent.kind])


def totals_by_hand(year: list[Sent]) -> dict[str, Facts]:
    counted: dict[str, Facts] = {}
    for serial in map(serial_of, range(CONCENTRATORS)):
        mine = [sent for sent in year if sent.serial == serial]
        wakeups = [sent for sent in mine if sent.kind != "lastgasp"]
        last_gasp = max(sent.at for sent in mine if sent.kind == "lastgasp")
        last = wakeups[-1]
        counted[serial] = (wakeups[0].at, last.at, len(wakeups), last.address, last.port, last_gasp)
    return counted


def days_by_hand(year: list[Sent], reporting_zone: str = "") -> dict[tuple[str, date], Facts]:
    """Cut in ``reporting_zone``; without one each in the zone of its company."""
    wakeups: dict[tuple[str, date], list[Sent]] = defaultdict(list)
    zones = {zone: ZoneInfo(zone) for zone in ZONES}
    for sent in year:
        if sent.kind != "lastgasp":
            zone = zones[reporting_zone or zone_of(sent.serial)]
            wakeups[sent.serial, sent.at.astimezone(zone).date()].append(sent)
    return {day: (len(of_day), of_day[0].at, of_day[-1].at, of_day[-1].address) for day, of_day in wakeups.items()}


def totals() -> dict[str, Facts]:
    rows = WakeupTotal.objects.values_list(
        "concentrator__serial_number",
        "first_wakeup_at",
        "last_wakeup_at",
        "wakeup_count",
        "source_ip",
        "port",
        "last_gasp_at",
    )
    return {serial: tuple(facts) for serial, *facts in rows}


def days() -> dict[tuple[str, date], Facts]:
    rows = DailyCount.objects.values_list(
        "concentrator__serial_number", "day", "wakeup_count", "first_wakeup_at", "last_wakeup_at", "source_ip"
    )
    return {(serial, day): tuple(facts) for serial, day, *facts in rows}


@pytest.mark.one_database("postgresql")
@pytest.mark.django_db
def test_totals_and_days_of_a_year_are_those_counted_by_hand_in_every_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    companies = {zone: CompanyFactory.create(time_zone=zone) for zone in ZONES}
    for number in range(CONCENTRATORS):
        ConcentratorFactory.create(serial_number=serial_of(number), company=companies[zone_of(serial_of(number))])
    year = [sent for number in range(CONCENTRATORS) for sent in year_of(number)]
    write(tmp_path / "year.csv", year)

    call_command("importwakeups", tmp_path / "year.csv")
    assert Message.objects.count() == len(year)
    right_totals, right_days = totals_by_hand(year), days_by_hand(year)
    assert (totals(), days()) == (right_totals, right_days)
    call_command("rebuildcounts")
    assert capsys.readouterr().out.count("0 totals and 0 days were wrong") == len(companies)
    assert (totals(), days()) == (right_totals, right_days)

    for zone in ZONES:
        SystemSettings(reporting_zone=zone).save()
        call_command("rebuildcounts")
        assert (totals(), days()) == (right_totals, days_by_hand(year, zone))
    SystemSettings(reporting_zone="").save()
    call_command("rebuildcounts")
    assert (totals(), days()) == (right_totals, right_days)
