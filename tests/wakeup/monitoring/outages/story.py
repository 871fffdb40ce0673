"""What happened to concentrators on one day, watched as `manage.py watchstatus` does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import install
from profiles.models import SpontaneousProfile
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import utc
from wakeup.models import Format, Outage
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.monitoring.outages.recording import record_outages
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

DAY = "2020-09-24"
BEGIN = utc(f"{DAY} 12:00")


def at(clock: str) -> datetime:
    return utc(f"{DAY} {clock}")


def installed(company: Company, profile: SpontaneousProfile, **facts: object) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(company=company, **facts)
    install(Concentrator.objects.filter(pk=one.pk), profile, user=None, now=BEGIN)
    return one


def say(one: Concentrator, kind: Kind, *clocks: str, device: Iterable[str] = ()) -> None:
    """A message of ``kind`` comes in at each of ``clocks``; ``device`` are the times of the device's own clock."""
    times: list[Clock | None] = [Clock(at(clock).replace(tzinfo=None), 0) for clock in device]
    times = times or [None] * len(clocks)
    record(
        [
            Arrival(one.serial_number, kind, Format.PUSH, at(clock), "10.60.0.7", 58692, time)
            for clock, time in zip(clocks, times, strict=True)
        ]
    )


def passed(clock: str) -> int:
    """A pass that sees all up to ``clock``."""
    now = at(clock) + SETTLED
    watch(now)
    return record_outages(now)


def told(one: Concentrator | None = None) -> list[tuple[str, str, str, str, str]]:
    """From when, to when, ended by what, how well known, and why."""
    rows = Outage.objects.filter(concentrator=one) if one else Outage.objects.all()
    return [
        (f"{row.began_at:%H:%M}", f"{row.ended_at:%H:%M}" if row.ended_at else "", row.ended_by, row.quality, row.cause)
        for row in rows.order_by("noticed_at", "pk")
    ]
