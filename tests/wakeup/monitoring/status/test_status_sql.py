"""The database computes the status that the pure function computes, to the microsecond (STA-1, STA-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concentrators.models import Company, Concentrator, ConcentratorType, OutOfService, Watch
from tests.factories import CompanyFactory, ConcentratorTypeFactory
from tests.plugins.effort import examples
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.status.blindness import Blind
from wakeup.monitoring.status.facts import RELATED, outs_of, rows_with_status
from wakeup.monitoring.status.finding import of_reason, of_status
from wakeup.monitoring.status.rules import Facts, Status, StatusReason, Timing, status_of
from wakeup.monitoring.status.sql import with_status

pytestmark = pytest.mark.django_db

NOW = utc("2020-09-06 04:00")
TIMING = Timing(margin=timedelta(minutes=1), tail=timedelta(minutes=4))
PERIODS = (None, 1, 2, 15)
WITH_TOTALS = Concentrator.objects.select_related(*RELATED)


class Drawn(NamedTuple):
    """What the status of a concentrator follows from."""

    since: datetime | None
    silent_from: datetime
    period_min: int | None
    outs: list[list[datetime]]
    set_at: datetime | None
    last_wakeup_at: datetime | None
    last_gasp_at: datetime | None
    lost_due_at: datetime | None
    is_void: bool
    kept_gasp_at: datetime | None = None


def instant(minutes: int, microseconds: int) -> datetime:
    return NOW + timedelta(minutes=minutes, microseconds=microseconds)


def ago(minutes: int) -> datetime:
    return instant(-minutes, 0)


def since(begin: datetime, last: datetime | None, period_min: int | None = 2) -> Drawn:
    return Drawn(begin, begin, period_min, [], None, last, None, None, False)


def possible(one: Drawn) -> Drawn:
    """Nothing that it was to do, or failed to do, was before it was installed."""
    begin = one.since or one.silent_from
    lost = one.lost_due_at and max(one.lost_due_at, begin)
    return one._replace(silent_from=max(one.silent_from, begin), lost_due_at=lost)


#: At, just before and just after everything that is a whole number of minutes away.
instants = st.builds(instant, st.integers(-20, 1), st.sampled_from([0, 0, -1, 1]))
rarely = st.one_of(st.none(), st.none(), st.none(), instants)
drawn = st.builds(
    Drawn,
    st.one_of(instants, instants, instants, st.none()),
    instants,
    st.sampled_from(PERIODS),
    st.just([]) | st.lists(st.lists(instants, min_size=2, max_size=2).map(sorted), max_size=2),
    rarely,
    st.none() | instants,
    rarely,
    rarely,
    st.sampled_from([False, False, True]),
    rarely,
).map(possible)


def blind(moments: list[datetime], is_open: bool, minutes: int) -> tuple[Blind, ...]:
    """Times in which it was our side, one after the other; the last one may last."""
    tail = timedelta(minutes=minutes)
    pairs = zip(moments[::2], moments[1::2], strict=False)
    times = [Blind(begin, end, end + tail) for begin, end in pairs]
    if is_open and times:
        times[-1] = Blind(times[-1].begin)
    return tuple(times)


timings = st.builds(
    lambda times: replace(TIMING, blind=times),
    st.builds(
        blind,
        st.just([]) | st.lists(instants, min_size=2, max_size=6, unique=True).map(sorted),
        st.booleans(),
        st.integers(0, 6),
    ),
)


class Makers(NamedTuple):
    """What all concentrators have in common, made once."""

    company: Company
    kind: ConcentratorType

    def make(self, fleet: list[Drawn]) -> None:
        """Make each of ``fleet``, its place for a serial number."""
        made = Concentrator.objects.bulk_create(
            Concentrator(serial_number=str(number), company=self.company, type=self.kind)
            for number in range(len(fleet))
        )
        pairs = list(zip(made, fleet, strict=True))
        OutOfService.objects.bulk_create(
            OutOfService(concentrator=one, begin=begin, end=end, set_at=drawn.set_at)
            for one, drawn in pairs
            for begin, end in drawn.outs
        )
        WakeupTotal.objects.bulk_create(
            WakeupTotal(concentrator=one, last_wakeup_at=drawn.last_wakeup_at, last_gasp_at=drawn.last_gasp_at)
            for one, drawn in pairs
            if drawn.last_wakeup_at or drawn.last_gasp_at
        )
        Watch.objects.bulk_create(watch(one, drawn) for one, drawn in pairs)


def watch(one: Concentrator, drawn: Drawn) -> Watch:
    return Watch(
        concentrator=one,
        since=drawn.since,
        silent_from=drawn.silent_from,
        period_min=drawn.period_min,
        lost_due_at=drawn.lost_due_at,
        void_gasp_at=drawn.last_gasp_at if drawn.is_void else None,
        kept_gasp_at=drawn.kept_gasp_at,
        outs_until=max((end for _begin, end in drawn.outs), default=None),
        look_at=ago(20),
    )


@pytest.fixture
def makers(db: None) -> Makers:
    return Makers(CompanyFactory.create(), ConcentratorTypeFactory.create())


@given(st.lists(drawn, min_size=60, max_size=60), timings)
@settings(max_examples=examples(32, 4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_column_says_what_the_pure_function_says(makers: Makers, fleet: list[Drawn], timing: Timing) -> None:
    with transaction.atomic():
        makers.make(fleet)
        loaded = {one.pk: columns_of(one) for one in rows_with_status(WITH_TOTALS.all(), NOW, timing)}
        outs = outs_of(list(loaded))
        for one in with_status(WITH_TOTALS, NOW, timing):
            expected = status_of(Facts.of(one, outs.get(one.pk, ())), NOW, timing)
            assert columns_of(one) == loaded[one.pk] == expected, fleet[int(one.serial_number)]
        assert filtered(of_status, Status, timing) == grouped(loaded, 0, Status)
        assert filtered(of_reason, StatusReason, timing) == grouped(loaded, 3, StatusReason)
        transaction.set_rollback(True)


def test_rows_can_be_filtered_and_sorted_by_status(makers: Makers, django_assert_num_queries: Any) -> None:
    late, silent, fine = (since(ago(20), at) for at in (instant(-3, -1), instant(-6, -1), ago(2)))
    makers.make([late, silent, fine])
    rows = with_status(Concentrator.objects.all(), NOW, TIMING)
    with django_assert_num_queries(3):
        assert [one.serial_number for one in rows.filter(status="late")] == ["0"]
        assert [one.serial_number for one in rows.filter(status_reason="silence").order_by("-due_at")] == [
            "0",
            "1",
        ]
        assert [one.serial_number for one in rows.order_by("status")] == ["0", "2", "1"]


def filtered(of: Callable[..., Any], choices: Iterable[str], timing: Timing) -> dict[str, set[int]]:
    """The keys that the filter ``of`` finds for each of ``choices``."""
    everything = Concentrator.objects.all()
    return {choice: set(of(everything, choice, NOW, timing).values_list("pk", flat=True)) for choice in choices}


def grouped(judgements: dict[int, tuple[object, ...]], place: int, choices: Iterable[str]) -> dict[str, set[int]]:
    return {choice: {key for key, found in judgements.items() if found[place] == choice} for choice in choices}


def test_totals_are_filtered_by_the_status_of_their_concentrator(makers: Makers) -> None:
    fleet = [since(ago(20), at) for at in (instant(-3, -1), instant(-6, -1), ago(2))]
    makers.make([*fleet, since(ago(20), None, None), since(ago(20), ago(6))._replace(since=None)])
    found = {
        status: [
            total.concentrator.serial_number for total in of_status(WakeupTotal.objects.all(), status, NOW, TIMING)
        ]
        for status in (Status.LATE, Status.UNREACHABLE, Status.REACHABLE, Status.DISABLED)
    }
    assert list(found.values()) == [["0"], ["1"], ["2"], []]


def columns_of(one: Concentrator) -> tuple[object, ...]:
    annotated: Any = one
    return (annotated.status, annotated.status_since, annotated.due_at, annotated.status_reason)
