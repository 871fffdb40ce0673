"""The tree of repeaters as its page draws it (MET-6)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from concentrators.meters.pages.tree import MOST_NESTED, MOST_UNFOLDED, tree_of
from concentrators.models import Company, Concentrator, MeterConflict
from tests.concentrators.meters.pages.listing import AT, count, grow, sight
from tests.factories import ConcentratorFactory
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def one(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, in_field=True, serial_number="A1")


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


class Nesting(HTMLParser):
    """Checks that what opens closes; keeps by name of a meter how many folds it lies in."""

    VOID = ("link", "meta", "input", "br", "img", "path", "circle", "line", "rect", "polyline")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.depths: dict[str, int] = {}
        self.unfolded = self.folds = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "details":
            self.folds += 1
            self.unfolded += "open" in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "a" and "details" not in data and data.strip():
            self.depths.setdefault(data.strip(), self.open.count("details"))


def drawn(client: Client, one: Concentrator, query: str = "") -> Nesting:
    response = client.get(reverse("concentrator:tree", args=[one.serial_number]) + query)
    assert response.status_code == 200
    nesting = Nesting(response.content.decode())
    assert not nesting.open
    return nesting


def test_each_meter_stands_in_its_branch_under_its_repeater(client: Client, one: Concentrator) -> None:
    sight(one, "A", level=0, lsid=1)
    sight(one, "B", level=1, sid=1, lsid=2)
    sight(one, "C", level=2, sid=2, state=0)
    sight(one, "D", level=0)
    sight(one, "S", level=1, sid=1, meter={"kind": "supervisor"})
    sight(one, "X", level=3, sid=9)
    sight(one, "Y", repeater="X")
    sight(one, "L1", repeater="L2")
    sight(one, "L2", repeater="L1")
    sight(one, "U")
    sight(one, "GONE", level=0, in_list=False, gone_at=AT)
    count(one, meters=9)
    tree = tree_of(one)
    told = {
        branch.title: [(line.row.name, line.row.behind.direct, line.row.behind.all) for line in branch.lines]
        for branch in tree.branches
    }
    assert told == {
        "Reached directly or through repeaters": [("A", 1, 2), ("B", 1, 1), ("C", 0, 0), ("S", 0, 0), ("D", 0, 0)],
        "Parent unknown": [("X", 1, 1), ("Y", 0, 0), ("L1", 0, 0), ("L2", 0, 0)],
        "Place unknown": [("U", 0, 0)],
    }
    depths = drawn(client, one).depths
    assert {name: depths[name] for name in "ABCDSXYU"} == dict(zip("ABCDSXYU", (0, 1, 2, 0, 1, 0, 1, 0), strict=True))


def test_states_are_marks_and_words(client: Client, one: Concentrator) -> None:
    made = sight(one, "A", level=0, state=0)
    sight(one, "B", level=0, state=1)
    sight(one, "C", level=0, state=None)
    sight(one, "R", repeater="R")
    MeterConflict.objects.create(company=one.company, meter=made.meter, kind=1, lists=2, opened_at=AT)
    count(one, meters=4)
    page = client.get(reverse("concentrator:tree", args=["A1"])).content.decode()
    assert '<span aria-hidden="true">▲</span> permanent failure' in page
    assert '<span aria-hidden="true">◆</span> temporary failure' in page
    assert page.count(">in conflict<") == page.count(">in a loop<") == 1
    assert "in a loop 1 ·" in page


def test_no_list_an_empty_one_and_one_that_tells_no_place(client: Client, one: Concentrator) -> None:
    url = reverse("concentrator:tree", args=["A1"])
    assert b"No list yet" in client.get(url).content
    counts = count(one)
    assert b"current list of this concentrator is empty" in client.get(url).content
    sight(one, "A")
    page = client.get(url).content
    assert b"No list has told how meters are reached" in page
    assert b"Place unknown: 1 meter<" in page
    counts.delete()
    assert client.get(url).status_code == 200


def test_two_thousand_in_a_chain_are_nested_no_deeper_than_a_browser_lays_out(
    client: Client, one: Concentrator
) -> None:
    sight(one, "N0", level=0)
    for number in range(1, MOST_NESTED + 30):
        sight(one, f"N{number}", repeater=f"N{number - 1}")
    count(one, meters=MOST_NESTED + 30)
    depths = drawn(client, one).depths
    assert [depths[f"N{number}"] for number in (0, 1, MOST_NESTED, MOST_NESTED + 29)] == [
        0,
        1,
        MOST_NESTED,
        MOST_NESTED,
    ]
    assert tree_of(one).branches[0].lines[-1].row.level == MOST_NESTED + 29


def test_a_large_one_is_folded_until_it_is_asked_for(
    client: Client, one: Concentrator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    grow(one, MOST_UNFOLDED + 50)
    with django_assert_max_num_queries(9):
        assert (folded := drawn(client, one)).unfolded == 0
    assert folded.folds == 20
    assert drawn(client, one, "?unfolded").unfolded == 20


def test_a_small_one_is_unfolded_until_it_is_folded(client: Client, one: Concentrator) -> None:
    grow(one, 30)
    assert drawn(client, one).unfolded == 3
    assert drawn(client, one, "?folded").unfolded == 0
