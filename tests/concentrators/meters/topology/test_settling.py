"""The tree of a concentrator as it is stored (MET-6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from concentrators.meters.topology import Tree, settle
from concentrators.models import Concentrator, Meter, Repeater, Sighting
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def concentrator() -> Concentrator:
    return ConcentratorFactory.create(in_field=True)


def sight(one: Concentrator, name: str, *, kind: str = "customer", mac: str = "", **values: Any) -> Sighting:
    meter = Meter.objects.create(company=one.company, name=name, kind=kind, mac=mac, created_at=NOW)
    return Sighting.objects.create(
        company=one.company, concentrator=one, meter=meter, first_seen=NOW, listed_at=NOW, **values
    )


def parents() -> dict[str, str | None]:
    return dict(Sighting.objects.values_list("meter__name", "parent__meter__name"))


def repeaters() -> dict[str | None, tuple[int, int, int | None]]:
    rows = Repeater.objects.values_list("sighting__meter__name", "direct", "behind", "deepest")
    return {name: (direct, behind, deepest) for name, direct, behind, deepest in rows}


def test_no_list_is_an_empty_tree(concentrator: Concentrator) -> None:
    assert settle(concentrator.pk) == Tree()
    assert not Repeater.objects.exists()


def test_a_tree_is_stored(concentrator: Concentrator, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    sight(concentrator, "A", level=0, lsid=7)
    sight(concentrator, "B", level=1, sid=7, mac="404022000001")
    sight(concentrator, "C", repeater="40:40:22:00:00:01")
    sight(concentrator, "S", level=1, sid=7, kind="supervisor")
    sight(concentrator, "X", level=3, sid=9)
    sight(concentrator, "LOOP", repeater="LOOP")
    sight(concentrator, "LEFT", in_list=False, gone_at=NOW, repeater="A")
    tree = settle(concentrator.pk)
    assert tree == Tree(repeaters=2, deepest=2, orphans=2, looped=1)
    assert parents() == {"A": None, "B": "A", "C": "B", "S": "A", "X": None, "LOOP": None, "LEFT": None}
    assert repeaters() == {"A": (1, 2, 2), "B": (1, 1, 2), None: (2, 2, 3)}
    with django_assert_num_queries(5):  # two of them begin and end a transaction within the test's
        assert settle(concentrator.pk) == tree


def test_who_leaves_the_list_leaves_the_tree(concentrator: Concentrator) -> None:
    sight(concentrator, "A", level=0)
    sight(concentrator, "B", repeater="A")
    sight(concentrator, "C", repeater="B")
    settle(concentrator.pk)
    Sighting.objects.filter(meter__name="B").update(in_list=False, gone_at=NOW)
    assert settle(concentrator.pk) == Tree(deepest=0, orphans=1)
    assert parents() == {"A": None, "B": None, "C": None}
    assert repeaters() == {None: (1, 1, None)}
    Sighting.objects.filter(meter__name="B").update(in_list=True, gone_at=None)
    assert settle(concentrator.pk) == Tree(repeaters=2, deepest=2)
    assert repeaters() == {"A": (1, 2, 2), "B": (1, 1, 2)}


def test_a_concentrator_named_as_the_repeater_is_none(concentrator: Concentrator) -> None:
    sight(concentrator, "A", repeater=concentrator.serial_number)
    assert settle(concentrator.pk) == Tree(deepest=0)


def test_each_concentrator_has_its_own_tree(concentrator: Concentrator) -> None:
    other = ConcentratorFactory.create(in_field=True, company=concentrator.company)
    sight(concentrator, "A", level=0, lsid=7)
    sight(other, "B", level=1, sid=7)
    assert settle(concentrator.pk) == Tree(deepest=0)
    assert settle(other.pk) == Tree(orphans=1)
