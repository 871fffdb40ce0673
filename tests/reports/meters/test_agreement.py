"""*Count Meters* and how it agrees with the lists and with the master file, in print (MET-4)."""

from __future__ import annotations

import random

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from concentrators.models import Company, Concentrator, Meter, MeterTally, Sighting, State
from reports.meters import views
from reports.meters.reconciling import MOST_LACKING, Reconciliation, reconciled
from reports.meters.totals import tallied
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import examples
from tests.reports.meters.making import AT, count_lists, make_meter, settle, sight
from tests.smmeplus.translation.markup import parse, rows, text, texts

pytestmark = pytest.mark.one_database
URL = reverse("reports:meter-counts")


def agreement(company: Company) -> Reconciliation:
    return reconciled(company.pk, tallied(None, [company.pk]))


class TestAnyLists(TestCase):
    @settings(max_examples=examples(30, 8))
    @given(st.integers(0, 2**32))
    def test_the_terms_add_up_to_the_distinct_meters(self, seed: int) -> None:
        chance = random.Random(seed)
        company = CompanyFactory.create()
        states = [State.IN_FIELD, State.IN_FIELD, State.AVAILABLE, State.REMOVED]
        ones = [
            ConcentratorFactory.create(company=company, **({"in_field": True} if one == "in field" else {"state": one}))
            for one in chance.sample(states, chance.randint(1, 4))
        ]
        for number in range(chance.randint(0, 8)):
            kind = "supervisor" if chance.random() < 0.2 else "customer"
            meter = make_meter(company, f"CIR{number}", kind=kind, master=chance.random() < 0.5)
            for one in chance.sample(ones, chance.randint(0, len(ones))):
                sight(meter, one, chosen=False, state=chance.choice([0, 1, 2, None]))
        settle(company)
        count_lists(company)
        found = agreement(company)
        listed = Meter.objects.filter(company=company, sightings__in_list=True).distinct()
        assert found.agrees
        assert found.rows == Sighting.objects.filter(company=company, in_list=True).count()
        assert found.meters == listed.filter(kind="customer").count()
        assert found.supervisors == listed.filter(kind="supervisor").count()
        assert found.lacking == listed.filter(in_master_since__isnull=True).count()
        master = Meter.objects.filter(company=company, in_master_since__isnull=False)
        assert found.unlisted == master.exclude(pk__in=listed.values("pk")).count()


def test_the_page_prints_the_terms_the_total_and_the_master_file(
    client: Client, chile: Company, one: Concentrator, two: Concentrator
) -> None:
    for number in range(3):
        sight(make_meter(chile, f"CIR{number}", master=True), one, chosen=False, state=2 if number else 1)
    sight(make_meter(chile, "ZIV9"), one, chosen=False)
    sight(Meter.objects.get(name="CIR0"), two, chosen=False)
    sight(make_meter(chile, "ZIVS", kind="supervisor"), two, chosen=False)
    make_meter(chile, "SAG1", master=True)
    make_meter(chile, "SAG2", master=True, retired_at=AT)
    settle(chile)
    count_lists(chile)
    page = parse(client.get(URL))
    assert rows(page) == [
        ["CIR", "—", "temporary failure", "1", "25.0"],
        ["CIR", "—", "active", "2", "50.0"],
        ["ZIV", "—", "active", "1", "25.0"],
    ]
    assert texts(page, ".//tfoot//td") == ["Total", "", "", "4", "100.0"]
    said = text(page)
    terms = ["6 rows of all lists", "1 further rows of meters in several lists", "1 supervisors = 4 meters"]
    assert " \N{MINUS SIGN} ".join(terms) in said
    assert "do not agree" not in said
    assert texts(page, ".//dd") == ["1", "2"], "in the master file but in no list, and the other way round"
    assert texts(parse(client.get(URL, {"state": "active"})), ".//tfoot//td")[3:] == ["3", "75.0"]


def test_what_does_not_agree_says_so(client: Client, chile: Company, one: Concentrator) -> None:
    sight(make_meter(chile, "CIR1"), one)
    count_lists(chile)
    MeterTally.objects.update(meters=5)
    assert "These numbers do not agree" in client.get(URL).content.decode()


def test_without_a_master_file_the_page_says_so(client: Client, chile: Company, one: Concentrator) -> None:
    sight(make_meter(chile, "CIR1"), one)
    count_lists(chile)
    assert "There is no master file of meters yet." in client.get(URL).content.decode()


def test_a_removed_concentrator_that_still_lists_a_meter_is_told_apart(
    client: Client, chile: Company, one: Concentrator
) -> None:
    removed = ConcentratorFactory.create(company=chile, state=State.REMOVED)
    meter = make_meter(chile, "CIR1")
    sight(meter, one, chosen=False)
    sight(meter, removed, chosen=False)
    sight(make_meter(chile, "CIR2"), removed, chosen=False)
    settle(chile)
    count_lists(chile)
    found = agreement(chile)
    assert (found.rows, found.extra, found.removed, found.meters, found.agrees) == (3, 0, 1, 2, True)
    assert "Of the rows 1 more are left out" in client.get(URL).content.decode()


def test_of_many_meters_the_page_asks_for_the_agreement_afterwards(
    client: Client, chile: Company, one: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    for number in range(2):
        sight(make_meter(chile, f"CIR{number}"), one)
    count_lists(chile)
    page = client.get(URL).content.decode()
    assert "rows of all lists" not in page
    assert f'hx-get="{URL}?' in page
    assert "agreement=1" in page
    part = client.get(URL, {"agreement": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "2 rows of all lists" in part
    assert "<table" not in part
    assert "2 rows of all lists" in client.get(URL, {"agreement": "1"}).content.decode(), "without scripts by a link"


def test_what_is_not_counted_to_the_end_is_not_reckoned_with() -> None:
    assert Reconciliation(1, 0, 0, 0, 1, 1, MOST_LACKING + 1).unlisted is None
    assert Reconciliation(1, 0, 0, 0, 1, 10**6 + 1, 0).unlisted is None
    assert Reconciliation(1, 0, 0, 0, 1, 10**6, 0).unlisted == 10**6 - 1
