"""Two months with a change of clocks, computed by hand, by the limits of Chile, Italy and IEEE 1366 (STA-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest

from concentrators.models import Company
from reports.reliability.indices import Indices
from reports.reliability.months import Month
from reports.reliability.queries import figures_of
from tests.factories import CompanyFactory
from tests.reports.reliability.outages import in_field, local, outage, planned

pytestmark = pytest.mark.django_db

CHILE, ITALY, IEEE = ("America/Santiago", 3), ("Europe/Rome", 3), ("America/Santiago", 5)


class Figures(NamedTuple):
    saidi: float | None
    saifi: float | None
    caidi: float | None
    maifi: float | None


def fleet_of(zone: str, limit: int) -> Company:
    """Three concentrators with 100, 60 and 40 customers, in field since 2026: 200 customers served."""
    company: Company = CompanyFactory.create(time_zone=zone, momentary_limit_min=limit)
    for serial, customers in (("A", 100), ("B", 60), ("C", 40)):
        in_field(company, serial, local("2026-01-01 00:00"), customers=customers)
    return company


def unplanned_and_planned(company: Company, month: str) -> tuple[Figures, Figures]:
    span = Month.parse(month).span(company.zone, local("2028-01-01 00:00"))
    groups, served = figures_of(company, span)
    assert served.customers == 200
    power = [group for group in groups if group.cause == "power"]
    return (
        _shown(Indices(served.customers, [group for group in power if not group.is_planned])),
        _shown(Indices(served.customers, [group for group in power if group.is_planned])),
    )


def _shown(indices: Indices) -> Figures:
    found = (indices.saidi, indices.saifi, indices.caidi, indices.maifi)
    return Figures(*(figure.value if figure.value is None else round(figure.value, 6) for figure in found))


def fill_the_month_clocks_go_back(company: Company) -> None:
    """April 2027 of Chile: at midnight that ends the 3rd, clocks go back to 23:00.

    === ==== ========= =================== =================== ============================================
    no. unit customers from                to                  lasted
    === ==== ========= =================== =================== ============================================
    1   A    100       03 22:30            04 00:30            3 h (23:00 to 24:00 comes twice)
    2   B     60       10 10:00:00         10 10:03:00         exactly 3 min
    3   B     60       11 10:00:00         11 10:03:01         3 min 1 s
    4   C     40       12 10:00            12 10:05            exactly 5 min
    5   C     40       30 23:50            01 00:20 of May     30 min, all of it April's
    6   A    100       31.03. 23:50        01.04. 04:00        March's
    7   A    100       15 08:00            15 12:00            4 h, planned
    8   B     60       a boot without a silence                momentary, of unknown length
    9   C     40       20 01:00            20 09:00            8 h, of communication: no interruption
    === ==== ========= =================== =================== ============================================
    """
    a, b, c = company.concentrators.order_by("serial_number")
    outage(a, local("2027-04-03 22:30"), local("2027-04-04 00:30"))
    outage(b, local("2027-04-10 10:00:00"), local("2027-04-10 10:03:00"))
    outage(b, local("2027-04-11 10:00:00"), local("2027-04-11 10:03:01"))
    outage(c, local("2027-04-12 10:00"), local("2027-04-12 10:05"))
    outage(c, local("2027-04-30 23:50"), local("2027-05-01 00:20"))
    outage(a, local("2027-03-31 23:50"), local("2027-04-01 04:00"))
    works = planned(company, local("2027-04-15 07:00"), local("2027-04-15 13:00"))
    outage(a, local("2027-04-15 08:00"), local("2027-04-15 12:00"), planned=works)
    boot = local("2027-04-18 15:00")
    outage(b, boot, boot, is_momentary=True, quality="restored", earliest_at=boot - timedelta(minutes=10))
    outage(c, local("2027-04-20 01:00"), local("2027-04-20 09:00"), cause="communication")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        # Longer than 3 min: 1, 3, 4, 5. Customers 100 + 60 + 40 + 40 = 240.
        # Customer minutes: 100 x 180 + 60 x 3 1/60 + 40 x 5 + 40 x 30 = 18000 + 181 + 200 + 1200 = 19581.
        # SAIDI 19581 / 200 = 97.905; SAIFI 240 / 200 = 1.2; CAIDI 19581 / 240 = 81.5875.
        # Momentary: 2 and 8, 60 + 60 = 120 customers. MAIFI 120 / 200 = 0.6.
        (3, Figures(97.905, 1.2, 81.5875, 0.6)),
        # Longer than 5 min: 1 and 5. Customers 100 + 40 = 140; customer minutes 18000 + 1200 = 19200.
        # SAIDI 19200 / 200 = 96; SAIFI 140 / 200 = 0.7; CAIDI 19200 / 140 = 137.142857.
        # Momentary: 2, 3, 4 and 8, 60 + 60 + 40 + 60 = 220 customers. MAIFI 220 / 200 = 1.1.
        (5, Figures(96, 0.7, 137.142857, 1.1)),
    ],
    ids=["Chile", "IEEE"],
)
def test_the_month_in_which_clocks_go_back_in_chile(limit: int, expected: Figures) -> None:
    company = fleet_of("America/Santiago", limit)
    fill_the_month_clocks_go_back(company)
    unplanned, works = unplanned_and_planned(company, "2027-04")
    assert unplanned == expected
    # Planned: 7. 100 x 240 / 200 = 120 min; 100 / 200 = 0.5; 240 min each.
    assert works == Figures(120, 0.5, 240, 0)


@pytest.mark.parametrize(("zone", "limit"), [CHILE, IEEE], ids=["Chile", "IEEE"])
def test_the_month_in_which_clocks_go_forward_in_chile(zone: str, limit: int) -> None:
    """September 2027: at midnight that begins the 5th, clocks go forward to 01:00."""
    company = fleet_of(zone, limit)
    a, b, _c = company.concentrators.order_by("serial_number")
    outage(a, local("2027-09-04 23:30"), local("2027-09-05 01:30"))  # 1 h: the hour from 0 to 1 is not there
    outage(b, local("2027-09-30 23:59:59"), local("2027-10-01 00:10:00"))  # 10 min 1 s, September's
    outage(b, local("2027-10-01 00:00:00"), local("2027-10-01 05:00:00"))  # October's
    unplanned, works = unplanned_and_planned(company, "2027-09")
    # Customer seconds 100 x 3600 + 60 x 601 = 396060; minutes 6601. SAIDI 6601 / 200 = 33.005.
    # SAIFI (100 + 60) / 200 = 0.8; CAIDI 6601 / 160 = 41.25625. Nothing momentary.
    assert unplanned == Figures(33.005, 0.8, 41.25625, 0)
    # Nothing planned: 0 / 200, and no customer interrupted to divide by.
    assert works == Figures(0, 0, None, 0)


@pytest.mark.parametrize(
    ("month", "begin", "end", "minutes"),
    [
        # On 28 March 2027 clocks go from 2 to 3: 1:30 to 3:30 lasts 1 h.
        ("2027-03", "2027-03-28 01:30", "2027-03-28 03:30", 60),
        # On 31 October 2027 they go from 3 to 2: 1:30 to 3:30 lasts 3 h.
        ("2027-10", "2027-10-31 01:30", "2027-10-31 03:30", 180),
    ],
)
def test_the_months_of_change_in_italy(month: str, begin: str, end: str, minutes: int) -> None:
    company = fleet_of(*ITALY)
    a, b, c = company.concentrators.order_by("serial_number")
    outage(a, local(begin, company.zone), local(end, company.zone))
    outage(b, local(f"{month}-01 00:00", company.zone), local(f"{month}-01 00:03", company.zone))
    outage(c, local(f"{month}-02 00:00", company.zone), local(f"{month}-02 00:03:01", company.zone))
    # SAIDI (100 x minutes + 40 x 181 / 60) / 200; SAIFI (100 + 40) / 200; MAIFI 60 / 200.
    customer_minutes = {60: 6120 + 2 / 3, 180: 18120 + 2 / 3}[minutes]
    expected = (customer_minutes / 200, 0.7, customer_minutes / 140, 0.3)
    assert unplanned_and_planned(company, month)[0] == Figures(*(round(value, 6) for value in expected))


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("America/Santiago", "2027-04", 721),
        ("America/Santiago", "2027-09", 719),
        ("Europe/Rome", "2027-03", 743),
        ("Europe/Rome", "2027-10", 745),
        ("America/Santiago", "2027-12", 744),
        ("UTC", "2028-02", 696),
    ],
)
def test_a_month_has_the_hours_that_its_clocks_show(zone: str, month: str, hours: int) -> None:
    company = CompanyFactory.build(time_zone=zone)
    assert Month.parse(month).span(company.zone, local("2027-01-01 00:00")).hours == hours
