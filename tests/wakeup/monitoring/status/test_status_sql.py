"""The database computes the status that the pure function computes, to the microsecond (STA-1, STA-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from concentrators.models import Assignment, Company, Concentrator, ConcentratorType, OutOfService, State
from profiles.models import SpontaneousProfile
from tests.factories import CompanyFactory, ConcentratorTypeFactory, SpontaneousProfileFactory
from tests.plugins.effort import examples
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.status.facts import rows_with_status
from wakeup.monitoring.status.finding import of_reason, of_status
from wakeup.monitoring.status.rules import Facts, Status, StatusReason, Timing, status_of
from wakeup.monitoring.status.sql import with_status

pytestmark = pytest.mark.django_db

NOW = utc("2020-09-06 04:00")
TIMING = Timing(margin=timedelta(minutes=1), tail=timedelta(minutes=4))
PERIODS = (None, 1, 2, 15)
WITH_TOTALS = Concentrator.objects.select_related("profile", "total")


class Drawn(NamedTuple):
    """A concentrator: its changes of profile begin with its installation."""

    in_field: bool
    is_assigned: bool
    changes: list[tuple[datetime, int | None]]
    outs: list[list[datetime]]
    last_wakeup_at: datetime | None
    last_gasp_at: datetime | None


def instant(minutes: int, microseconds: int) -> datetime:
    return NOW + timedelta(minutes=minutes, microseconds=microseconds)


def ago(minutes: int) -> datetime:
    return instant(-minutes, 0)


DISABLED = Drawn(True, True, [(instant(-20, 0), None)], [], None, None)

#: At, just before and just after everything that is a whole number of minutes away.
instants = st.builds(instant, st.integers(-20, 1), st.sampled_from([0, 0, -1, 1]))
changes = st.lists(
    st.tuples(instants, st.sampled_from(PERIODS)), min_size=1, max_size=3, unique_by=lambda change: change[0]
)
mostly = st.sampled_from([True, True, True, False])
drawn = st.builds(
    Drawn,
    mostly,
    mostly,
    changes.map(lambda found: sorted(found, key=lambda change: change[0])),
    st.just([]) | st.lists(st.lists(instants, min_size=2, max_size=2).map(sorted), max_size=2),
    st.none() | instants,
    st.one_of(st.none(), st.none(), st.none(), instants),
)


class Makers(NamedTuple):
    """What all concentrators have in common, made once."""

    company: Company
    kind: ConcentratorType
    profiles: dict[int | None, SpontaneousProfile]

    def make(self, fleet: list[Drawn]) -> None:
        """Make each of ``fleet``, its place for a serial number, as the product would have left it."""
        made = Concentrator.objects.bulk_create(self._concentrator(number, one) for number, one in enumerate(fleet))
        pairs = list(zip(made, fleet, strict=True))
        Assignment.objects.bulk_create(row for one, drawn in pairs for row in assignments_of(one, drawn))
        OutOfService.objects.bulk_create(
            OutOfService(concentrator=one, begin=begin, end=end) for one, drawn in pairs for begin, end in drawn.outs
        )
        WakeupTotal.objects.bulk_create(
            WakeupTotal(concentrator=one, last_wakeup_at=drawn.last_wakeup_at, last_gasp_at=drawn.last_gasp_at)
            for one, drawn in pairs
            if drawn.last_wakeup_at or drawn.last_gasp_at
        )

    def _concentrator(self, number: int, one: Drawn) -> Concentrator:
        return Concentrator(
            serial_number=str(number),
            company=self.company,
            type=self.kind,
            state=State.IN_FIELD if one.in_field else State.REMOVED,
            profile=self.profiles[one.changes[-1][1]] if one.in_field else None,
            installed_at=one.changes[0][0],
        )


@pytest.fixture
def makers(db: None) -> Makers:
    profiles = {
        minutes: SpontaneousProfileFactory.create(wakeup_period=minutes, wakeup_enabled=minutes is not None)
        for minutes in PERIODS
    }
    return Makers(CompanyFactory.create(), ConcentratorTypeFactory.create(), profiles)


def assignments_of(concentrator: Concentrator, drawn: Drawn) -> list[Assignment]:
    if not drawn.is_assigned:
        return []
    ends = [begin for begin, _period in drawn.changes[1:]] + [None]
    return [
        Assignment(concentrator=concentrator, begin=begin, end=end, period_min=period)
        for (begin, period), end in zip(drawn.changes, ends, strict=True)
    ]


@example([Drawn(True, True, [(ago(20), 1), (ago(5), 15)], [], at, None) for at in (ago(14), ago(9), ago(10))])
@given(st.lists(drawn, min_size=60, max_size=60))
@settings(max_examples=examples(32, 4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_column_says_what_the_pure_function_says(makers: Makers, fleet: list[Drawn]) -> None:
    with transaction.atomic():
        makers.make(fleet)
        loaded = {one.pk: columns_of(one) for one in rows_with_status(WITH_TOTALS.all(), NOW, TIMING)}
        whole = expectations(Assignment.objects.all(), OutOfService.objects.all())
        for one in with_status(WITH_TOTALS, NOW, TIMING):
            expected = status_of(Facts.of(one, whole[one.pk]), NOW, TIMING)
            assert columns_of(one) == loaded[one.pk] == expected, fleet[int(one.serial_number)]
        assert filtered(of_status, Status) == grouped(loaded, 0, Status)
        assert filtered(of_reason, StatusReason) == grouped(loaded, 3, StatusReason)
        transaction.set_rollback(True)


def test_rows_can_be_filtered_and_sorted_by_status(makers: Makers, django_assert_num_queries: Any) -> None:
    late, silent, fine = (Drawn(True, True, [(instant(-20, 0), 2)], [], at, None) for at in map(ago, (3, 6, 2)))
    makers.make([late, silent, fine])
    rows = with_status(Concentrator.objects.all(), NOW, TIMING)
    with django_assert_num_queries(3):
        assert [one.serial_number for one in rows.filter(status="late")] == ["0"]
        assert [one.serial_number for one in rows.filter(status_reason="silence").order_by("-due_at")] == [
            "0",
            "1",
        ]
        assert [one.serial_number for one in rows.order_by("status")] == ["0", "2", "1"]


def filtered(of: Callable[..., Any], choices: Iterable[str]) -> dict[str, set[int]]:
    """The keys that the filter ``of`` finds for each of ``choices``."""
    everything = Concentrator.objects.all()
    return {choice: set(of(everything, choice, NOW, TIMING).values_list("pk", flat=True)) for choice in choices}


def grouped(judgements: dict[int, tuple[object, ...]], place: int, choices: Iterable[str]) -> dict[str, set[int]]:
    return {choice: {key for key, found in judgements.items() if found[place] == choice} for choice in choices}


def test_totals_are_filtered_by_the_status_of_their_concentrator(makers: Makers) -> None:
    fleet = [Drawn(True, True, [(instant(-20, 0), 2)], [], at, None) for at in map(ago, (3, 6, 2))]
    makers.make([*fleet, DISABLED, Drawn(False, True, [(instant(-20, 0), 2)], [], ago(6), None)])
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
