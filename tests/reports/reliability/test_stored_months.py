"""Months are stored as they are computed, and anew when something has changed that they follow from (STA-6, PER-4)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from reports.models import ConcentratorMonth, StoredMonth
from reports.reliability.availability import FIGURES, with_availability, with_stored
from reports.reliability.figures import Figures
from reports.reliability.months import Month
from reports.reliability.stored import step
from reports.reliability.stored.reading import TRUSTED, report_of
from reports.reliability.stored.step import EVERY, store_months
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import examples
from tests.reports.reliability.outages import SANTIAGO, in_field, local, outage, planned
from wakeup.models import ClosedDay, Outage
from wakeup.models.incidents import CauseClass

pytestmark = pytest.mark.django_db
APRIL, MAY = Month(2027, 4), Month(2027, 5)
IN_MAY = local("2027-05-20 15:00")
LATER = IN_MAY + timedelta(hours=1)
PAGE = reverse("reports:reliability")
SORTED = ("worst", "by_name")
EDGES = (local("2027-04-01 00:00"), local("2027-05-01 00:00"))


def of(company: Company, month: Month = APRIL, now: datetime = IN_MAY) -> Any:
    return report_of(company, month, SANTIAGO, now)


def computed(company: Company, month: Month, now: datetime) -> tuple[Any, ...]:
    rows = with_availability(Concentrator.objects.filter(company=company), month, SANTIAGO, SANTIAGO, now)
    return Figures.computed(company, month.span(SANTIAGO, now)), list(
        rows.order_by(*SORTED).values_list("pk", *FIGURES)
    )


def stored(company: Company, month: Month, now: datetime) -> tuple[Any, ...]:
    report = of(company, month, now)
    assert report.stored is not None
    rows = with_stored(Concentrator.objects.filter(company=company), company, month)
    return report.stored, list(rows.order_by(*SORTED).values_list("pk", *FIGURES))


class SomeLife:
    """Concentrators with anything that counts in April or May, at both ends of them, too."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.company = CompanyFactory.create(time_zone="America/Santiago")
        self.works = planned(self.company, *EDGES)
        for number in range(self.chance.randint(1, 4)):
            self._live(number)

    def _moment(self) -> datetime:
        if self.chance.random() < 0.2:
            return self.chance.choice(EDGES) + timedelta(seconds=self.chance.choice([-1, 0, 1]))
        return local("2027-03-20 00:00") + timedelta(seconds=self.chance.randrange(61 * 86_400))

    def _times(self) -> tuple[datetime, datetime]:
        begin, end = sorted((self._moment(), self._moment()))
        return begin, max(end, begin + timedelta(seconds=1))

    def _live(self, number: int) -> None:
        chance, (begin, end) = self.chance, self._times()
        period, until = chance.choice([None, 10, 60]), chance.choice([None, end])
        one = in_field(self.company, f"A{number}", begin, until, period, customers=chance.randint(0, 9))
        for _ in range(chance.randint(0, 3)):
            self._be_dark(one, *self._times())
        if chance.random() < 0.3:
            self._be_dark(one, self._moment(), None)
        if chance.random() < 0.3:
            out, back = self._times()
            OutOfService.objects.create(concentrator=one, begin=out, end=back, reason="x")
        if chance.random() < 0.5:
            count(one, chance.choice([date(2027, 4, 1), date(2027, 4, 30), date(2027, 5, 1)]), chance.randint(1, 200))

    def _be_dark(self, one: Concentrator, begin: datetime, end: datetime | None) -> None:
        choice = self.chance.choice
        works, quality = choice([None, self.works]), choice(["measured", "restored", "inferred"])
        outage(one, begin, end, cause=choice(CauseClass.values), planned=works, quality=quality)


def count(one: Concentrator, day: date, number: int) -> None:
    at = local(f"{day} 12:00")
    ClosedDay.objects.create(
        concentrator=one, day=day, wakeup_count=number, first_wakeup_at=at, last_wakeup_at=at, source_ip="10.0.0.1"
    )


@given(st.integers(0, 1 << 60))
@settings(max_examples=examples(40, 6), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_is_what_would_be_computed(db: None, seed: int) -> None:
    with transaction.atomic():
        company = SomeLife(seed).company
        store_months(IN_MAY)
        for month in step.months_of(company, IN_MAY):
            assert stored(company, month, IN_MAY) == computed(company, month, IN_MAY)
        transaction.set_rollback(True)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """In field since March, with an outage in April and one that lasted into May."""
    found = in_field(chile, "A", local("2027-03-10 00:00"), customers=100)
    outage(found, local("2027-04-10 10:00"), local("2027-04-10 12:00"))
    outage(found, local("2027-04-30 23:00"), local("2027-05-01 02:00"))
    return found


def test_a_month_that_is_over_is_stored_once_and_the_present_one_now_and_then(one: Concentrator) -> None:
    assert store_months(IN_MAY) == 3  # March to May
    assert store_months(IN_MAY) == 0
    assert store_months(IN_MAY + EVERY) == 1
    assert store_months(local("2027-05-31 23:59")) == 1
    assert store_months(local("2027-06-01 00:10")) == 2  # May as it ended, and June
    assert StoredMonth.objects.count() == 4


CHANGES: dict[str, Callable[[Concentrator], object]] = {
    "an outage is another's fault": lambda one: Outage.objects.filter(ended_at__lt=local("2027-04-11 00:00")).update(
        cause="communication"
    ),
    "an outage was planned": lambda one: Outage.objects.filter(ended_at__lt=local("2027-04-11 00:00")).update(
        planned=planned(one.company, local("2027-04-10 00:00"), local("2027-04-11 00:00"))
    ),
    "a log says how long it was": lambda one: Outage.objects.filter(ended_at__lt=local("2027-04-11 00:00")).update(
        ended_at=local("2027-04-10 11:59"), quality="measured", logged_s=7140
    ),
    "an outage is found later": lambda one: outage(one, local("2027-04-12 10:00"), local("2027-04-12 10:10")),
    "one of March lasted into it": lambda one: outage(one, local("2027-03-31 10:00"), local("2027-04-02 10:00")),
    "it was out of service": lambda one: OutOfService.objects.create(
        concentrator=one, begin=local("2027-04-10 00:00"), end=local("2027-04-11 00:00"), reason="x"
    ),
    "it had another period": lambda one: Assignment.objects.update(period_min=60),
    "it was removed before": lambda one: Assignment.objects.update(end=local("2027-04-20 00:00")),
    "it serves more customers": lambda one: Concentrator.objects.update(customers=101),
    "it stands elsewhere": lambda one: Concentrator.objects.update(substation="Elsewhere"),
    "it is a canary": lambda one: Concentrator.objects.update(is_canary=True),
    "another one was there": lambda one: in_field(
        one.company, "B", local("2027-04-29 00:00"), local("2027-04-30 00:00")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_of_a_month_that_is_over_it_is_stored_anew(one: Concentrator, change: str) -> None:
    store_months(IN_MAY)
    CHANGES[change](one)
    store_months(LATER)
    assert of(one.company, now=LATER).now == LATER
    assert stored(one.company, APRIL, LATER) == (
        computed(one.company, APRIL, LATER)
        if change != "it is a canary"
        else (Figures.computed(one.company, APRIL.span(SANTIAGO, LATER)), [])
    )


def test_what_happens_later_changes_no_month_that_is_over(one: Concentrator) -> None:
    store_months(IN_MAY)
    Assignment.objects.update(end=LATER)
    outage(one, IN_MAY, None)
    OutOfService.objects.create(concentrator=one, begin=IN_MAY, end=LATER, reason="x")
    count(one, date(2027, 5, 20), 3)
    assert store_months(IN_MAY) == 0
    assert store_months(LATER + timedelta(days=2)) == 1


def test_wakeups_that_are_imported_are_seen_within_a_day(one: Concentrator) -> None:
    store_months(IN_MAY)
    count(one, date(2027, 4, 5), 7)
    store_months(LATER)
    assert ConcentratorMonth.objects.get(month=APRIL.first).received == 0
    store_months(LATER + timedelta(days=1))
    assert ConcentratorMonth.objects.get(month=APRIL.first).received == 7


def test_an_outage_that_lasts_is_momentary_no_longer_than_the_limit(one: Concentrator) -> None:
    outage(one, local("2027-04-30 23:59"), None)
    begun = local("2027-05-01 00:01")
    store_months(begun)
    assert [group.is_momentary for group in of(one.company, now=begun).groups if group.is_open] == [True]
    store_months(begun + timedelta(minutes=3))
    assert [group.is_momentary for group in of(one.company, now=begun).groups if group.is_open] == [False]


def test_what_nobody_looks_after_any_more_is_computed(one: Concentrator) -> None:
    store_months(IN_MAY)
    assert of(one.company, now=IN_MAY + TRUSTED).stored
    assert not of(one.company, now=IN_MAY + TRUSTED + timedelta(seconds=1)).stored
    store_months(IN_MAY + 2 * TRUSTED)
    assert of(one.company, now=IN_MAY + 2 * TRUSTED).now == IN_MAY  # as stored before, and looked at since


def test_a_month_that_was_stored_before_its_end_does_not_count_after_it(one: Concentrator) -> None:
    end = local("2027-06-01 00:00")
    store_months(end - timedelta(minutes=1))
    assert of(one.company, MAY, end - timedelta(seconds=1)).stored
    assert not of(one.company, MAY, end).stored


def test_another_limit_and_another_zone_count_at_once(one: Concentrator) -> None:
    store_months(IN_MAY)
    one.company.momentary_limit_min = 5
    assert not of(one.company).stored
    one.company.save()
    assert store_months(IN_MAY) == 3
    assert of(one.company).stored
    one.company.time_zone = "Europe/Rome"
    assert not of(one.company).stored


def test_each_company_has_its_own(one: Concentrator) -> None:
    other = in_field(CompanyFactory.create(), "B", local("2027-04-10 00:00"))
    store_months(IN_MAY)
    ConcentratorFactory.create()  # never in field
    Concentrator.objects.filter(pk=other.pk).update(company=one.company)
    store_months(LATER)
    rows = with_stored(Concentrator.objects.filter(company=one.company), one.company, APRIL)
    assert [row.serial_number for row in rows.order_by(*SORTED)] == ["A", "B"]


def test_old_months_go(one: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    store_months(IN_MAY)
    monkeypatch.setattr(step, "KEPT", 2)
    store_months(IN_MAY)
    for rows in (StoredMonth, ConcentratorMonth):
        assert {row.month for row in rows.objects.all()} == {APRIL.first, MAY.first}


def test_the_command_stores_and_says_so(one: Concentrator) -> None:
    out = StringIO()
    with time_machine.travel(IN_MAY, tick=False):
        call_command("storemonths", stdout=out)
    assert out.getvalue() == "3 months stored\n"


def test_the_page_reads_what_is_stored_and_says_of_when_it_is(
    client: Client, administrator: User, one: Concentrator
) -> None:
    with time_machine.travel(IN_MAY, tick=False):
        store_months(IN_MAY)
    with time_machine.travel(IN_MAY + timedelta(minutes=19), tick=False):
        client.force_login(administrator)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(PAGE).content.decode()
        assert "They were computed at" in page
        assert len(captured) < 10
        assert not [query for query in captured if "wakeup_outage" in query["sql"]]
        past = client.get(PAGE, {"month": "2027-04"}).content.decode()
        assert "They were computed at" not in past
        for sort in ("availability", "-concentrator_name", "missing"):
            assert ">A</a>" in client.get(PAGE, {"sort": sort}).content.decode()
