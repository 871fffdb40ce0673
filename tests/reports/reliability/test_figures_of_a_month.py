"""What counts in the figures of a month, where and how much (STA-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Assignment, Company
from reports.reliability.indices import Group, Indices, by_outages, coverage, total
from reports.reliability.months import Month
from reports.reliability.queries import Served, figures_of, worst_places
from tests.factories import CompanyFactory
from tests.reports.reliability.outages import in_field, local, outage, planned

pytestmark = pytest.mark.django_db
MAY = Month(2027, 5)
AFTER = local("2027-07-01 00:00")


def of_may(company: Company, now: Any = AFTER) -> tuple[list[Group], Served]:
    return figures_of(company, MAY.span(company.zone, now))


def test_a_company_without_anything_has_no_figures_and_no_division_by_nothing(chile: Company) -> None:
    groups, served = of_may(chile)
    assert (groups, served) == ([], Served(0, 0, 0))
    nothing = Indices(served.customers, groups)
    assert [figure.value for figure in (nothing.saidi, nothing.saifi, nothing.caidi, nothing.maifi)] == [None] * 4
    assert worst_places(chile, MAY.span(chile.zone, AFTER)) == []


def test_without_customers_only_what_needs_none_has_a_value(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=0)
    outage(one, local("2027-05-03 10:00"), local("2027-05-03 11:00"))
    groups, served = of_may(chile)
    assert served == Served(customers=0, concentrators=1, without_customers=1)
    indices = Indices(served.customers, groups)
    assert [indices.saidi.value, indices.saifi.value, indices.caidi.value, indices.maifi.value] == [None] * 4
    assert total(groups, by_outages) == 1


def test_customers_served_are_an_average_over_the_time_in_field(chile: Company) -> None:
    in_field(chile, "A", local("2027-01-01 00:00"), customers=100)
    # In field for half of May, which has 31 days: 40 x 15.5 / 31 = 20.
    in_field(chile, "B", local("2027-05-16 12:00"), customers=40)
    removed = in_field(chile, "C", local("2027-05-01 00:00"), until=local("2027-05-01 00:00"), customers=1000)
    Assignment.objects.create(concentrator=removed, begin=local("2027-06-01 00:00"), period_min=10)
    in_field(chile, "D", local("2027-01-01 00:00"), customers=500, is_canary=True)
    in_field(CompanyFactory.create(), "E", local("2027-01-01 00:00"), customers=500)
    _groups, served = of_may(chile)
    assert served == Served(customers=120, concentrators=1.5, without_customers=0)
    # While the month lasts, over what there has been of it: at the end of the 2nd nothing of B.
    assert of_may(chile, local("2027-05-03 00:00"))[1] == Served(customers=100, concentrators=1, without_customers=0)


def test_one_that_lasts_counts_up_to_now_and_then_to_the_end_of_its_month(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=10)
    outage(one, local("2027-05-31 22:00"), None)
    for now, seconds in (("2027-05-31 23:30", 5400), ("2027-06-01 00:00", 7200), ("2027-06-20 00:00", 7200)):
        ((group,), _served) = of_may(chile, local(now))
        assert (group.is_open, group.is_momentary, group.seconds, group.customer_seconds) == (
            True,
            False,
            seconds,
            10 * seconds,
        )


def test_one_that_lasts_is_momentary_only_until_it_is_longer_than_the_limit(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=10)
    begin = local("2027-05-31 23:59")
    outage(one, begin, None)
    found = [of_may(chile, begin + timedelta(seconds=s))[0][0] for s in (180, 181)]
    assert [group.is_momentary for group in found] == [True, False]
    assert found[1].seconds == 60  # of May


def test_the_devices_log_makes_a_momentary_one_of_known_length(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=10)
    begin = local("2027-05-10 10:00")
    outage(one, begin, begin + timedelta(minutes=8), is_momentary=True, logged_s=480)
    ((group,), _served) = of_may(chile)
    assert (group.is_momentary, group.seconds) == (False, 480)


def test_an_end_before_its_beginning_is_no_time(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=10)
    outage(one, local("2027-05-10 10:00"), local("2027-05-10 09:00"))
    ((group,), _served) = of_may(chile)
    assert (group.is_momentary, group.seconds, group.customer_seconds) == (True, 0, 0)


def test_coverage_is_beside_each_figure_by_what_that_is_made_of(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=10)
    for day, (quality, hours) in enumerate((("measured", 1), ("restored", 2), ("inferred", 1)), 1):
        begin = local(f"2027-05-0{day} 10:00")
        outage(one, begin, begin + timedelta(hours=hours), quality=quality, customers=10 * day)
    groups, served = of_may(chile)
    indices = Indices(served.customers, groups)
    # Customer hours 10 x 1, 20 x 2, 30 x 1 of 80; customers 10, 20, 30 of 60; one outage of 3 each.
    assert [*indices.saidi.coverage] == [*indices.caidi.coverage] == [12.5, 50, 37.5]
    assert indices.saifi.coverage == pytest.approx((100 / 6, 100 / 3, 50))
    assert [*indices.maifi.coverage] == [None] * 3
    assert coverage(groups) == pytest.approx((100 / 3, 100 / 3, 100 / 3))


def test_the_worst_places_are_those_with_most_customer_time_without_power(chile: Company) -> None:
    begin = local("2027-05-10 10:00")
    works = planned(chile, begin, begin + timedelta(days=1))
    for n in range(25):
        one = in_field(chile, f"A{n}", local("2027-01-01 00:00"), customers=n, substation="S", feeder=f"F{n:02}")
        outage(one, begin, begin + timedelta(hours=1))
        outage(one, begin + timedelta(days=2), begin + timedelta(days=3), planned=works)
        outage(one, begin + timedelta(days=4), begin + timedelta(days=5), cause="communication")
        outage(one, begin + timedelta(days=6), begin + timedelta(days=6, minutes=3))
    places = worst_places(chile, MAY.span(chile.zone, AFTER))
    assert [place.feeder for place in places] == [f"F{n:02}" for n in reversed(range(5, 25))]
    assert places[0] == ("S", "F24", 1, 24, 24 * 3600, 1, 0, 0)


def test_a_whole_fleet_that_is_dark_all_month_is_no_overflow(chile: Company) -> None:
    """As many seconds of customers as 400,000 concentrators with 1,000 customers each have in a month."""
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=2**31 - 1)
    outage(one, local("2027-05-01 00:00"), None)
    ((group,), served) = of_may(chile)
    assert group.customer_seconds == (2**31 - 1) * 31 * 86400
    assert Indices(served.customers, [group]).saidi.value == 31 * 24 * 60


def test_all_that_a_month_is_made_of_takes_two_queries(chile: Company) -> None:
    for n in range(3):
        outage(in_field(chile, f"A{n}", local("2027-01-01 00:00")), local("2027-05-02 00:00"), None)
    with CaptureQueriesContext(connection) as captured:
        of_may(chile)
        worst_places(chile, MAY.span(chile.zone, AFTER))
    assert len(captured) == 2


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13", "2027-00", "27-04", "2027-4", "0001-01", "9999-12", "\0", "٢٠٢٧-04"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no month"):
        Month.parse(text)


def test_a_year_ends_with_its_last_month() -> None:
    december = Month.parse("2027-12")
    assert (str(december.next), str(december.previous), str(december.last)) == ("2028-01", "2027-11", "2027-12-31")
