"""The verdict of each minute, kept as spans with true times (STA-4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.models import Company, Concentrator, State
from profiles.models import SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.wakeup.monitoring.verdicts.listeners import listener_until
from wakeup.models import ListenerRun, VerdictSpan, WakeupTotal
from wakeup.models.listeners import WaitsFor
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.judging import judge
from wakeup.monitoring.verdicts.known import KnownVerdicts

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 2, 25, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERIOD = timedelta(minutes=10)


@pytest.fixture
def chile() -> Company:
    return CompanyFactory.create()


@pytest.fixture(autouse=True)
def listener() -> ListenerRun:
    return listener_until(NOON)


def canary(company: Company, name: str, heard_at: datetime, carrier: str = "") -> Concentrator:
    made: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=name, is_canary=True, carrier=carrier
    )
    WakeupTotal.objects.create(concentrator=made, first_wakeup_at=NOON, last_wakeup_at=heard_at, wakeup_count=1)
    return made


def fleet(company: Company, count: int, heard_at: datetime, carrier: str = "Entel", region: str = "Maule") -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    for _number in range(count):
        one = ConcentratorFactory.create(
            company=company,
            in_field=True,
            profile=profile,
            installed_at=NOON - timedelta(days=3),
            carrier=carrier,
            region=region,
        )
        WakeupTotal.objects.create(concentrator=one, first_wakeup_at=heard_at, last_wakeup_at=heard_at, wakeup_count=1)


def hear(names: Iterable[str], at: datetime) -> None:
    WakeupTotal.objects.filter(concentrator__serial_number__in=names).update(last_wakeup_at=at)


def spans(carrier: str = "") -> list[tuple[Any, ...]]:
    found = VerdictSpan.objects.filter(carrier=carrier).order_by("began_at", "pk")
    return [(Cause(one.cause), *map(minutes, (one.began_at, one.ended_at))) for one in found]


def minutes(at: datetime | None) -> float | None:
    return None if at is None else (at - NOON) / MINUTE


def test_without_a_canary_it_is_undecided_for_as_long_as_that(chile: Company) -> None:
    fleet(chile, 4, NOON)
    assert judge(NOON).cause == Cause.UNDECIDED
    assert judge(NOON + 0.1 * MINUTE).cause == Cause.UNDECIDED
    assert spans() == [(Cause.UNDECIDED, 0, None)]
    assert spans("Entel") == [(Cause.UNDECIDED, 0, None)]


def test_our_side_from_when_the_canary_was_last_heard_to_when_it_is_heard_again(
    chile: Company, listener: ListenerRun
) -> None:
    canary(chile, "CANARY1", NOON - 0.5 * MINUTE)
    fleet(chile, 4, NOON - MINUTE)
    for minute in range(6):
        now = NOON + minute * MINUTE
        ListenerRun.objects.update(seen_at=now)
        if minute == 5:
            hear(["CANARY1"], now - 0.25 * MINUTE)
        judge(now)
    assert spans() == [(Cause.OK, 0, 0), (Cause.OUR_SIDE, 0, 4.75), (Cause.OK, 4.75, None)], "none before the first"
    assert spans("Entel") == spans()


def test_without_a_listener_it_is_our_side_from_when_the_last_one_was_seen(chile: Company) -> None:
    canary(chile, "CANARY1", NOON)
    judge(NOON)
    assert judge(NOON + MINUTE).cause == Cause.OUR_SIDE
    assert spans() == [(Cause.OK, 0, 0), (Cause.OUR_SIDE, 0, None)]


def test_a_listener_that_waits_for_its_database_takes_nothing(chile: Company, listener: ListenerRun) -> None:
    canary(chile, "CANARY1", NOON)
    ListenerRun.objects.update(waits_for=WaitsFor.STANDBY)
    assert judge(NOON).cause == Cause.OUR_SIDE
    listener_until(NOON)
    assert judge(NOON).cause == Cause.OK, "one of two is enough"


def test_a_fleet_that_falls_is_the_field_by_carrier_and_region(chile: Company) -> None:
    canary(chile, "CANARY1", NOON)
    fleet(chile, 4, NOON - 2 * PERIOD)
    fleet(chile, 30, NOON, carrier="Movistar", region="Ñuble")
    verdict = judge(NOON)
    assert verdict.cause == Cause.FIELD, "a region falls"
    assert verdict.evidence[-1] == ("fleet falls", ("Maule",), 4, 34)
    assert spans("Entel") == [(Cause.FIELD, 0, None)]
    assert spans("Movistar") == [(Cause.OK, 0, None)]


def test_the_share_is_a_setting(chile: Company) -> None:
    SystemSettings.objects.create(falls_percent=50)
    canary(chile, "CANARY1", NOON)
    fleet(chile, 4, NOON - 2 * PERIOD)
    fleet(chile, 5, NOON)
    assert judge(NOON).cause == Cause.OK


def test_canaries_in_field_are_no_part_of_the_fleet(chile: Company) -> None:
    fleet(chile, 3, NOON - 2 * PERIOD, carrier="")
    Concentrator.objects.update(is_canary=True)
    canary(chile, "CANARY1", NOON)
    assert judge(NOON).cause == Cause.OK


def test_half_of_those_that_were_due_are_heard_so_the_canary_is_away(chile: Company) -> None:
    canary(chile, "CANARY1", NOON - 5 * MINUTE)
    fleet(chile, 2, NOON - 1 * MINUTE)  # heard since
    fleet(chile, 2, NOON - 12 * MINUTE)  # owed a wake-up two minutes ago
    fleet(chile, 9, NOON - 6 * MINUTE)  # nothing due yet
    verdict = judge(NOON)
    assert verdict.cause == Cause.CANARY_AWAY
    assert verdict.evidence[-1] == ("heard", (), 2, 4)
    assert [span[0] for span in spans()] == [Cause.CANARY_AWAY]


def test_one_carrier_alone(chile: Company) -> None:
    canary(chile, "E1", NOON - 6 * MINUTE, "Entel")
    canary(chile, "M1", NOON, "Movistar")
    canary(chile, "DESK", NOON)
    fleet(chile, 4, NOON - 2 * PERIOD)
    fleet(chile, 4, NOON, carrier="Movistar", region="")
    verdict = judge(NOON)
    assert (verdict.cause, verdict.carriers) == (Cause.CARRIER, ("Entel",))
    assert [span[0] for span in spans("Movistar")] == [Cause.OK]
    assert [span[0] for span in spans("Entel")] == [Cause.CARRIER]


def test_a_carrier_that_nobody_has_any_more_has_no_verdict_any_more(chile: Company) -> None:
    fleet(chile, 1, NOON)
    judge(NOON)
    Concentrator.objects.update(carrier="Movistar")
    judge(NOON + MINUTE)
    assert spans("Entel") == [(Cause.UNDECIDED, 0, 1)]
    assert [span[2] for span in spans("Movistar")] == [None]


def test_where_nobody_judged_there_is_no_verdict(chile: Company) -> None:
    canary(chile, "CANARY1", NOON + 20 * MINUTE)
    judge(NOON)
    ListenerRun.objects.update(seen_at=NOON + 20 * MINUTE)
    judge(NOON + 20 * MINUTE)
    assert spans() == [(Cause.OK, 0, 0), (Cause.OK, 20, None)]


def test_a_verdict_is_over_in_the_instant_of_its_end(chile: Company) -> None:
    VerdictSpan.objects.create(cause=Cause.OK, began_at=NOON - MINUTE, ended_at=NOON, judged_at=NOON)
    known = KnownVerdicts.between(NOON - MINUTE, NOON)
    assert [known.at("", NOON - MINUTE), known.at("", NOON)] == [Cause.OK, None]


def test_a_canary_that_is_removed_fails_no_more(chile: Company) -> None:
    canary(chile, "CANARY1", NOON - 5 * MINUTE)
    Concentrator.objects.update(state=State.REMOVED)
    assert judge(NOON).cause == Cause.UNDECIDED


def test_if_no_listener_ran_meanwhile_it_was_our_side(chile: Company) -> None:
    canary(chile, "CANARY1", NOON)
    judge(NOON)
    ListenerRun.objects.update(ended_at=NOON + 2 * MINUTE, seen_at=NOON + 2 * MINUTE)
    ListenerRun.objects.create(
        host="web2",
        process_id=2,
        address="0.0.0.0",
        port=58692,
        started_at=NOON + 18 * MINUTE,
        seen_at=NOON + 20 * MINUTE,
    )
    hear(["CANARY1"], NOON + 19 * MINUTE)
    judge(NOON + 20 * MINUTE)
    assert spans() == [(Cause.OK, 0, 0), (Cause.OUR_SIDE, 2, 18), (Cause.OK, 20, None)]


def test_if_none_runs_yet_it_is_our_side_since_the_last_one(chile: Company) -> None:
    canary(chile, "CANARY1", NOON)
    judge(NOON)
    judge(NOON + 20 * MINUTE)
    assert spans() == [(Cause.OK, 0, 0), (Cause.OUR_SIDE, 0, None)]


def test_a_watcher_whose_clock_is_behind_changes_nothing_backwards(chile: Company) -> None:
    canary(chile, "CANARY1", NOON)
    judge(NOON)
    judge(NOON - MINUTE)
    span = VerdictSpan.objects.get(carrier="")
    assert (span.began_at, span.judged_at) == (NOON, NOON)


def test_however_many_there_are_it_takes_as_many_queries(chile: Company, django_assert_max_num_queries: Any) -> None:
    canary(chile, "CANARY1", NOON)
    fleet(chile, 1, NOON - 2 * PERIOD)
    judge(NOON)
    fleet(chile, 40, NOON - 2 * PERIOD)
    with django_assert_max_num_queries(28):
        judge(NOON + MINUTE)
