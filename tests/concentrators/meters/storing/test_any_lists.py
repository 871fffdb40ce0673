"""Any lists in any order: what is stored is what a plain reference keeps (MET-3), and its numbers hold (MET-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import rebuild, store_list
from concentrators.models import Company, Concentrator
from concentrators.models.meters import (
    ConcentratorMeters,
    MeterConflict,
    MeterSource,
    MeterState,
    MeterTally,
    Repeater,
    Sighting,
    SightingChange,
)
from tests.concentrators.meters.storing.lists import HOUR, NOON
from tests.concentrators.meters.storing.reference import Pair, Reference
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import examples

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=1)
NAMES = ("CIR1", "CIR2", "CIR2081000001", "ZIV3", "ZIV4")
EXAMPLES = examples(150, at_the_desk=10) if connection.vendor == "sqlite" else examples(20, at_the_desk=5)

hours = st.integers(0, 6).map(lambda number: number * HOUR)
states = st.none() | st.sampled_from(MeterState)


def rows(draw: st.DrawFn, at: Any, is_s24: bool) -> tuple[ListedMeter, ...]:
    told = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        contact = draw(st.none() | hours)
        said: dict[str, Any] = {"state": draw(states), "last_seen": None if contact is None else at - contact}
        if not is_s24 and draw(st.booleans()):
            said |= {"level": draw(st.none() | st.integers(0, 2)), "repeater": draw(st.sampled_from(["", *NAMES]))}
            said |= {"first_seen": at - 9 * HOUR, "phase": draw(st.sampled_from(["", "L1", "L2"]))}
        told.append(ListedMeter(name, **said))
    return tuple(told)


@st.composite
def sequences(draw: st.DrawFn) -> list[tuple[int, ReceivedList]]:
    """Lists of two to four concentrators, each with the place of its concentrator among these; some come twice."""
    concentrators = draw(st.integers(2, 4))
    made: list[tuple[int, ReceivedList]] = []
    for number in range(draw(st.integers(1, 8))):
        if made and draw(st.integers(0, 9)) == 0:
            made.append(draw(st.sampled_from(made)))
            continue
        source = draw(st.sampled_from([MeterSource.S24, MeterSource.S24, MeterSource.CSV]))
        is_s24, at = source == MeterSource.S24, NOON + draw(hours)
        whole = is_s24 or draw(st.booleans())
        received = ReceivedList(0, source, at, whole, f"{number:064}", rows(draw, at, is_s24))
        made.append((draw(st.integers(0, concentrators - 1)), received))
    return made


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


@pytest.fixture
def ones(company: Company) -> list[Concentrator]:
    return ConcentratorFactory.create_batch(4, company=company, in_field=True)


@given(made=sequences())
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_lists_in_any_order_leave_what_the_reference_keeps(
    ones: list[Concentrator], made: list[tuple[int, ReceivedList]]
) -> None:
    reference = Reference()
    with transaction.atomic():
        for place, received in made:
            at_one = _of(received, ones[place])
            assert store_list(at_one, NOW).outcome == reference.take(at_one)
        assert stored_sightings() == expected_sightings(reference)
        assert sorted(stored_changes()) == sorted(reference.changes)
        check_places(reference)
        check_numbers(reference)
        before = numbers()
        rebuild()
        assert numbers() == before
        transaction.set_rollback(True)


def _of(received: ReceivedList, one: Concentrator) -> ReceivedList:
    return ReceivedList(one.pk, received.source, received.listed_at, received.whole, received.sha256, received.rows)


def stored_sightings() -> dict[Pair, tuple[Any, ...]]:
    columns = ("first_seen", "last_seen", "state_since", "gone_at", "in_list", "state", "level", "repeater", "phase")
    found = Sighting.objects.values_list("concentrator", "meter__name", *columns)
    return {(one, name): tuple(values) for one, name, *values in found}


def expected_sightings(reference: Reference) -> dict[Pair, tuple[Any, ...]]:
    return {
        pair: (
            *(known[name] for name in ("first", "last", "since", "gone")),
            known["gone"] is None,
            *(known[name] for name in ("state", "level", "repeater", "phase")),
        )
        for pair, known in reference.sightings.items()
    }


def stored_changes() -> list[tuple[Any, ...]]:
    columns = ("sighting__concentrator", "sighting__meter__name", "at", "what", "old", "new")
    return list(SightingChange.objects.values_list(*columns))


def chosen_pairs() -> set[Pair]:
    return set(Sighting.objects.filter(chosen=True).values_list("concentrator", "meter__name"))


def check_places(reference: Reference) -> None:
    """A meter counts in one of its lists, and is in conflict if there are several."""
    chosen = chosen_pairs()
    lists = {name: reference.lists_of(name) for name in reference.kinds}
    assert {name for _one, name in chosen} == {name for name, ones in lists.items() if ones}
    assert len(chosen) == len({name for _one, name in chosen})
    assert all(one in lists[name] for one, name in chosen)
    opened = set(MeterConflict.objects.open().values_list("meter__name", "lists"))
    assert opened == {(name, len(ones)) for name, ones in lists.items() if len(ones) > 1}


def check_numbers(reference: Reference) -> None:
    chosen = chosen_pairs()
    told = {one for one, source in reference.newest}
    counts = {row["concentrator_id"]: row for row in ConcentratorMeters.objects.values()}
    assert counts.keys() == told
    shared = {name for name in reference.kinds if len(reference.lists_of(name)) > 1}
    for one, row in counts.items():
        assert {**row, **reference.counts(one, chosen)} == row
        assert row["listed_at"] == max(at for (of, _source), at in reference.newest.items() if of == one)
        assert row["in_conflict"] == sum(one in reference.lists_of(name) for name in shared)
    found = MeterTally.objects.values_list("manufacturer", "kind", "state", "meters")
    assert {tuple(key): meters for *key, meters in found} == dict(reference.tally(chosen))


def numbers() -> list[set[tuple[Any, ...]]]:
    tally = MeterTally.objects.values_list("company", "manufacturer", "type", "kind", "state", "meters")
    trees = Repeater.objects.values_list("concentrator", "sighting", "direct", "behind", "deepest")
    return [set(ConcentratorMeters.objects.values_list()), set(tally), set(trees)]
