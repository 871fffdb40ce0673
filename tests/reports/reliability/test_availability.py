"""How available each concentrator was in a month, and what it missed (STA-6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from reports.reliability.availability import with_availability
from reports.reliability.months import Month
from tests.factories import CompanyFactory
from tests.reports.reliability.outages import SANTIAGO, in_field, local, outage, planned
from wakeup.models import ClosedDay

pytestmark = pytest.mark.django_db
APRIL = Month(2027, 4)  # with 721 hours
BEFORE, AFTER = local("2027-01-01 00:00"), local("2027-07-01 00:00")
HOUR = 3600


def of_april(now: datetime = AFTER) -> dict[str, Any]:
    rows = with_availability(Concentrator.objects.all(), APRIL, SANTIAGO, SANTIAGO, now)
    return {row.serial_number: row for row in rows.order_by("worst", "serial_number")}


def test_the_worst_come_first_and_those_that_were_never_in_service_last(chile: Company) -> None:
    dark = in_field(chile, "DARK", BEFORE)
    outage(dark, local("2027-03-20 00:00"), None)
    half = in_field(chile, "HALF", local("2027-04-29 00:00"))
    outage(half, local("2027-04-30 00:00"), local("2027-05-03 00:00"), cause="communication")
    in_field(chile, "OFF", BEFORE, period=None)
    in_field(chile, "UP", BEFORE)
    found = of_april()
    assert [(name, row.availability) for name, row in found.items()] == [
        ("DARK", 0),
        ("HALF", 50),
        ("UP", 100),
        ("OFF", None),
    ]
    assert (found["HALF"].outage_count, found["HALF"].dark_s, found["DARK"].dark_s) == (1, 24 * HOUR, 721 * HOUR)


def test_who_was_not_in_field_is_not_there(chile: Company) -> None:
    in_field(chile, "EARLIER", BEFORE, local("2027-04-01 00:00"))
    in_field(chile, "LATER", local("2027-05-01 00:00"))
    in_field(chile, "REMOVED", BEFORE, local("2027-04-01 00:01"))
    assert of_april().keys() == {"REMOVED"}
    assert of_april(now=local("2027-04-01 00:00")) == {}


def test_planned_work_and_our_side_are_no_time_in_which_it_could_have_been_there(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-04-21 00:00"))  # 10 days
    works = planned(chile, local("2027-04-22 00:00"), local("2027-04-25 00:00"))
    outage(one, local("2027-04-22 00:00"), local("2027-04-25 00:00"), planned=works)  # 3 days
    outage(one, local("2027-04-25 00:00"), local("2027-04-27 00:00"), cause="our side")  # 2 days
    outage(one, local("2027-04-28 00:00"), local("2027-04-29 00:00"), cause="undecided")  # 1 day
    row = of_april()["A"]
    # 10 - 3 - 2 = 5 days, 1 of them dark.
    assert (row.availability, row.outage_count, row.dark_s, row.planned_s) == (80, 1, 24 * HOUR, 72 * HOUR)


def test_all_of_its_time_planned_leaves_nothing_to_divide_by(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-04-21 00:00"), local("2027-04-22 00:00"))
    works = planned(chile, local("2027-04-21 00:00"), local("2027-04-22 00:00"))
    outage(one, local("2027-04-21 00:00"), local("2027-04-22 00:00"), planned=works)
    assert of_april()["A"].availability is None


def test_time_out_of_service_counts_neither_as_up_nor_as_dark(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-04-21 00:00"), local("2027-04-25 00:00"))  # 4 days
    OutOfService.objects.create(
        concentrator=one, begin=local("2027-04-22 00:00"), end=local("2027-04-24 00:00"), reason="x"
    )
    outage(one, local("2027-04-21 12:00"), local("2027-04-22 12:00"))  # half of it in service
    row = of_april()["A"]
    assert (row.availability, row.dark_s) == (75, 12 * HOUR)
    whole = in_field(chile, "B", local("2027-04-21 00:00"), local("2027-04-25 00:00"))
    OutOfService.objects.create(concentrator=whole, begin=BEFORE, end=AFTER, reason="x")
    assert of_april()["B"].availability is None


def test_missed_wakeups_are_those_expected_less_those_that_came(chile: Company) -> None:
    one = in_field(chile, "A", BEFORE, local("2027-04-02 00:00"), period=10)  # 24 h of April: 144
    Assignment.objects.create(concentrator=one, begin=local("2027-04-29 00:00"), end=None, period_min=60)  # 48 h: 48
    for day, number in (
        (date(2027, 3, 31), 99),
        (date(2027, 4, 1), 100),
        (date(2027, 4, 30), 20),
        (date(2027, 5, 1), 99),
    ):
        count(one, day, number)
    row = of_april()["A"]
    assert (row.expected, row.received, row.missing) == (192, 120, 72)
    chatty = in_field(chile, "B", local("2027-04-30 00:00"), period=60)
    count(chatty, date(2027, 4, 30), 30)
    assert (of_april()["B"].received, of_april()["B"].missing) == (30, 0)


def test_while_the_month_lasts_nothing_is_expected_of_what_is_to_come(chile: Company) -> None:
    one = in_field(chile, "A", BEFORE, period=60)
    outage(one, local("2027-04-01 06:00"), None)
    row = of_april(now=local("2027-04-01 12:00"))["A"]
    assert (row.availability, row.dark_s, row.expected, row.missing) == (50, 6 * HOUR, 12, 12)


def test_times_that_do_not_fit_give_no_share_below_nothing(chile: Company) -> None:
    """An outage that lasts longer than the concentrator was in field, as after a removal that was set back."""
    outage(in_field(chile, "A", local("2027-04-30 00:00")), local("2027-04-01 00:00"), None)
    assert of_april()["A"].availability == 0


def count(one: Concentrator, day: date, number: int) -> None:
    at = local(f"{day} 12:00")
    ClosedDay.objects.create(
        concentrator=one, day=day, wakeup_count=number, first_wakeup_at=at, last_wakeup_at=at, source_ip="10.0.0.1"
    )


def test_others_are_counted_by_themselves(chile: Company) -> None:
    for company in (chile, CompanyFactory.create()):
        one = in_field(company, f"A{company.pk}", local("2027-04-30 00:00"))
        outage(one, local("2027-04-30 00:00"), local("2027-04-30 12:00"))
    assert [row.availability for row in of_april().values()] == [50, 50]
