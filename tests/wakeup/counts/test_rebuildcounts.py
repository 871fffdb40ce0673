"""Counting anew from the messages: the proof of the counters, and the way to another zone (REP-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory
from wakeup.counts.rebuild import rebuild
from wakeup.models import ClosedDay, CountingZone, DailyCount, Format, Message, WakeupTotal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

START = datetime(2020, 9, 4, tzinfo=UTC)


@pytest.fixture
def counted(in_field: Concentrator) -> Concentrator:
    """Four days of wake-ups over a DST change, sent in disorder, with a last gasp and ties."""
    hours = [*range(0, 96, 3), 5, 5, 50]
    kinds = [Kind.KEEPALIVE, Kind.BOOT, Kind.LASTGASP, Kind.OTHER]
    arrivals = [
        Arrival(
            in_field.serial_number,
            kinds[index % 4],
            Format.PUSH,
            START + timedelta(hours=hour),
            f"10.60.0.{index}",
            58_692,
        )
        for index, hour in enumerate(hours)
    ]
    record(arrivals[20:])
    record(arrivals[:20])
    return in_field


def snapshot() -> tuple[list[object], list[object]]:
    return (
        list(WakeupTotal.objects.order_by("pk").values()),
        list(DailyCount.objects.order_by("concentrator_id", "day").values()),
    )


def test_right_counters_stay_to_the_last_digit(counted: Concentrator) -> None:
    before = snapshot()
    (result,) = rebuild([counted.company])
    assert result.is_right
    assert (result.concentrators, result.days) == (1, DailyCount.objects.count())
    assert snapshot() == before


@pytest.mark.parametrize("spoil", ["total", "day", "first of a day", "missing day", "extra day", "missing total"])
def test_wrong_counters_are_found_and_put_right(counted: Concentrator, spoil: str) -> None:
    before = snapshot()
    WakeupTotal.objects.all().close_days()
    match spoil:
        case "total":
            WakeupTotal.objects.update(wakeup_count=99)
        case "day":
            ClosedDay.objects.filter(day=date(2020, 9, 5)).update(source_ip="10.9.9.9")
        case "first of a day":
            ClosedDay.objects.filter(day=date(2020, 9, 5)).update(first_wakeup_at=START)
        case "missing day":
            ClosedDay.objects.filter(day=date(2020, 9, 5)).delete()
        case "extra day":
            ClosedDay(
                concentrator=counted,
                day=date(2019, 1, 1),
                first_wakeup_at=START,
                last_wakeup_at=START,
                source_ip="10.9.9.9",
            ).save(force_insert=True)
        case "missing total":
            WakeupTotal.objects.all().delete()
    (found,) = rebuild([counted.company], dry_run=True)
    assert not found.is_right
    assert snapshot() != before
    rebuild([counted.company])
    assert snapshot() == before


@pytest.mark.parametrize("zone", ["UTC", "America/Santiago", "Europe/Rome", "Asia/Kolkata"])
def test_another_zone_cuts_the_days_as_if_it_had_always_been_so(counted: Concentrator, zone: str) -> None:
    SystemSettings(reporting_zone=zone).save()
    rebuild([counted.company])
    rebuilt = snapshot()
    assert CountingZone.objects.get().time_zone == zone
    messages = [
        Arrival(
            counted.serial_number,
            Kind(message.kind),
            Format.PUSH,
            message.received_at,
            message.source_ip,
            58_692,
        )
        for message in Message.objects.order_by("pk")
    ]
    for model in (Message, WakeupTotal, ClosedDay):
        model.objects.all().delete()
    record(messages)
    assert snapshot() == rebuilt


def test_only_the_named_company_is_counted_anew(counted: Concentrator) -> None:
    other = ConcentratorFactory.create(company=CompanyFactory.create())
    record([Arrival(other.serial_number, Kind.BOOT, Format.PUSH, START, "10.0.0.1", 1)])
    WakeupTotal.objects.update(wakeup_count=99)
    call_command("rebuildcounts", company=counted.company.name)
    assert WakeupTotal.objects.get(pk=other.pk).wakeup_count == 99
    assert WakeupTotal.objects.get(pk=counted.pk).wakeup_count != 99


def test_the_command_says_what_it_found(counted: Concentrator, capsys: pytest.CaptureFixture[str]) -> None:
    WakeupTotal.objects.all().close_days()
    ClosedDay.objects.filter(day=date(2020, 9, 5)).delete()
    SystemSettings(reporting_zone="Europe/Rome").save()
    call_command("rebuildcounts")
    said = capsys.readouterr().out
    assert "Chile: 1 concentrators" in said
    assert "America/Santiago → Europe/Rome" in said


def test_a_dry_run_fails_when_the_counters_are_wrong_and_writes_nothing(counted: Concentrator) -> None:
    call_command("rebuildcounts", dry_run=True)
    WakeupTotal.objects.update(wakeup_count=99)
    with pytest.raises(CommandError, match="not what the messages say"):
        call_command("rebuildcounts", dry_run=True)
    assert WakeupTotal.objects.get().wakeup_count == 99


def test_an_unknown_company_names_the_known_ones(chile: Company) -> None:
    with pytest.raises(CommandError, match=r"no company “Peru”\. Known: Chile"):
        call_command("rebuildcounts", company="Peru")
