"""While it is our side nobody turns unreachable, minute by minute as `watchstatus` sees it (STA-3, STA-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from concentrators.models import Company, Concentrator, Watch
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.wakeup.monitoring.verdicts.listeners import listener_until
from wakeup.models import Format, ListenerRun, StatusChange, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.changes.watcher import watch
from wakeup.monitoring.verdicts.judging import judge
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

START = datetime(2026, 2, 25, 12, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
PERIOD = 10
FLEET = 20


@pytest.fixture
def fleet(chile: Company) -> list[str]:
    """Twenty concentrators that call every ten minutes, two of them in each minute, and a canary."""
    profile = SpontaneousProfileFactory.create(wakeup_period=PERIOD)
    installed_at = START - 20 * MINUTE
    ConcentratorFactory.create(company=chile, serial_number="CANARY1", is_canary=True)
    for number in range(FLEET):
        ConcentratorFactory.create(
            company=chile,
            serial_number=f"A{number}",
            in_field=True,
            profile=profile,
            installed_at=installed_at,
            carrier="Entel" if number % 2 else "Movistar",
        )
    Watch.objects.update(since=installed_at, silent_from=installed_at)
    return [f"A{number}" for number in range(FLEET)]


def send(serials: Iterable[str], at: datetime) -> None:
    record([Arrival(serial, Kind.KEEPALIVE, Format.PUSH, at, "10.0.0.1", 58692) for serial in serials])


def live(
    begin: int,
    end: int,
    fleet: list[str],
    *,
    comes_in: Callable[[datetime], bool] = lambda _now: True,
    listens: Callable[[datetime], bool] = lambda _now: True,
    silent: Callable[[str, datetime], bool] = lambda _serial, _now: False,
) -> None:
    """The minutes from ``begin`` to ``end``: who calls at half past each, and two passes of the watcher.

    One is at the moment of the verdict, and one when deadlines have just passed, and the next verdict is not known.
    """
    listener_until(START + begin * MINUTE)
    canaries = Concentrator.objects.canaries().values_list("serial_number", flat=True)
    for minute in range(begin, end):
        now = START + minute * MINUTE
        if listens(now):
            ListenerRun.objects.update(seen_at=now + 59 * SECOND)
        if comes_in(now + 10 * SECOND):
            send([canary for canary in canaries if not silent(canary, now)], now + 10 * SECOND)
        calling = [serial for place, serial in enumerate(fleet) if place % PERIOD == minute % PERIOD]
        sent_at = now + 30 * SECOND
        if comes_in(sent_at):
            send([serial for serial in calling if not silent(serial, sent_at)], sent_at)
        for seconds in (0, 45):
            at = now + seconds * SECOND
            if not seconds:
                judge(at)
            watch(at)


def changes(to: str = "unreachable") -> list[tuple[str, float, str | None]]:
    """Who changed to that status, how many minutes after the start, and the verdict at that time."""
    rows = StatusChange.objects.filter(to_status=to, at__gte=START).order_by("at", "concentrator__serial_number")
    return [(row.concentrator.serial_number, (row.at - START) / MINUTE, row.verdict) for row in rows]


def between(begin: float, end: float) -> Callable[[datetime], bool]:
    """All but this time, in minutes after the start."""
    return lambda now: not begin <= (now - START) / MINUTE < end


def test_the_balancer_is_cut_for_an_hour_and_nobody_turns_unreachable(fleet: list[str]) -> None:
    live(-20, 100, fleet, comes_in=between(20, 80))
    assert changes() == []
    causes = VerdictSpan.objects.filter(carrier="").order_by("began_at", "pk").values_list("cause", flat=True)
    assert [Cause.OUR_SIDE in causes, causes.last()] == [True, Cause.OK]
    span = VerdictSpan.objects.get(carrier="", cause=Cause.OUR_SIDE)
    assert (span.began_at, span.ended_at) == (START + 19 * MINUTE + 10 * SECOND, START + 80 * MINUTE + 10 * SECOND)
    assert {verdict for _serial, _at, verdict in changes("late")} == {Cause.OUR_SIDE}


def test_no_listener_runs_for_an_hour(fleet: list[str]) -> None:
    live(-20, 100, fleet, comes_in=between(20, 80), listens=between(20, 80))
    assert changes() == []


def test_who_stays_silent_is_judged_when_all_have_had_the_time_to_try_anew_and_who_was_unreachable_stays_so(
    fleet: list[str],
) -> None:
    silent_from = {"A3": START + 19 * MINUTE, "A4": START}

    def is_dead(serial: str, now: datetime) -> bool:
        return serial in silent_from and now > silent_from[serial]

    live(-20, 140, fleet, comes_in=between(20, 80), silent=is_dead)
    before, dead = changes()
    assert before == ("A4", 8.5, Cause.OK)
    # Our side ended when the canary was heard again, at 80:10; a pause of 30 minutes and 3 retries of a minute later.
    serial, at, verdict = dead
    assert (serial, round(at, 3), verdict) == ("A3", 113.167, Cause.OK)
    assert not StatusChange.objects.filter(concentrator__serial_number="A4", at__gt=START + 20 * MINUTE).exists()


def test_the_field_goes_dark_and_each_turns_unreachable_at_its_time(fleet: list[str]) -> None:
    live(-20, 40, fleet, silent=lambda serial, now: serial != "CANARY1" and now > START + 5 * MINUTE)
    found = changes()
    assert len(found) == FLEET
    lost = {round(at - 0.5, 6) for _serial, at, _verdict in found}
    assert lost == {float(minute) for minute in range(-5 + PERIOD + 4, 5 + PERIOD + 4)}
    assert found[-1][2] == Cause.FIELD


def test_a_concentrator_of_one_carrier_bears_the_verdict_on_it(fleet: list[str]) -> None:
    one = Concentrator.objects.get(serial_number="A1")
    ConcentratorFactory.create(company=one.company, serial_number="CANARY-ENTEL", is_canary=True, carrier=one.carrier)
    of_entel = {"CANARY-ENTEL", *(serial for serial in fleet if int(serial[1:]) % 2)}
    live(-20, 30, fleet, silent=lambda serial, now: serial in of_entel and now > START + 5 * MINUTE)
    found = changes()
    assert {serial for serial, _at, _verdict in found} == of_entel - {"CANARY-ENTEL"}
    assert {verdict for _serial, _at, verdict in found} == {Cause.CARRIER}
