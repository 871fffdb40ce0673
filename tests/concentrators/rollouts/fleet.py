"""A fleet that is rolled out to, without devices: what the writer and the listener would store is stored."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.configuration.rollouts import advance, open_and_close
from concentrators.configuration.storing import confirm
from concentrators.models import Company, Concentrator, Configuration, RollOut, RollOutMember
from concentrators.procedures.actions import install, remove
from profiles.models import SpontaneousProfile
from tests.concentrators.configuration.devices import heard
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALL = Concentrator.objects.all()
MINUTE = timedelta(minutes=1)


def fleet(number: int) -> Company:
    company = CompanyFactory.create()
    for index in range(number):
        ConcentratorFactory.create(company=company, serial_number=f"R{index:04}", management_ip=f"127.0.0.{index + 1}")
    return company


def installed(number: int, profile: SpontaneousProfile, **procedure: Any) -> RollOut:
    fleet(number)
    install(ALL, profile, user=None, now=NOW, procedure=ProcedureProfileFactory.create(**procedure))
    return RollOut.objects.get()


def outcomes(one: RollOut | None = None) -> dict[str, int]:
    members = RollOutMember.objects.all() if one is None else one.members
    return dict(Counter(members.values_list("outcome", flat=True)))


def due(now: datetime) -> list[str]:
    """The serial numbers that the writer would take."""
    open_and_close(now)
    rows = Configuration.objects.filter(next_try_at__lte=now, waits=False).order_by("concentrator__serial_number")
    return list(rows.values_list("concentrator__serial_number", flat=True))


def write(serials: list[str], now: datetime) -> None:
    mine = Configuration.objects.filter(concentrator__serial_number__in=serials)
    mine.update(state="written", written_at=now, next_try_at=None, since=now)


def call(serials: list[str], now: datetime) -> None:
    for one in Concentrator.objects.filter(serial_number__in=serials):
        heard(one, now)
    confirm(now)


def fail(serials: list[str], now: datetime, failures: int = 24) -> None:
    mine = Configuration.objects.filter(concentrator__serial_number__in=serials)
    mine.update(state="failed", failures=failures, next_try_at=None, last_try_at=now, wakes_from=now + MINUTE)


def pass_by(now: datetime) -> RollOut:
    """So many passes that nothing moves any more."""
    while advance(now):
        pass
    open_and_close(now)
    return RollOut.objects.order_by("pk")[0]


def removed(profile: SpontaneousProfile) -> RollOut:
    fleet(2)
    install(ALL, profile, user=None, now=NOW)
    procedure = ProcedureProfileFactory.create(waves="1, all", disables_on_removal=True)
    remove(ALL, user=None, now=NOW + MINUTE, procedure=procedure)
    return RollOut.objects.latest("pk")
