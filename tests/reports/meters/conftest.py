"""Two concentrators, and meters of every kind at them."""

from __future__ import annotations

import pytest

from concentrators.models import Company, Concentrator, MeterConflict
from tests.factories import ConcentratorFactory
from tests.reports.meters.making import AT, DAY, count_lists, make_meter, sight


@pytest.fixture
def one(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(
        company=chile, serial_number="ONE", in_field=True, substation="Six", customers=3, installed_at=AT - 9 * DAY
    )


@pytest.fixture
def two(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="TWO", in_field=True, installed_at=AT - 9 * DAY)


@pytest.fixture
def several(chile: Company, one: Concentrator, two: Concentrator) -> None:
    """One meter in each state; a supervisor; one in conflict; one far away."""
    sight(make_meter(chile, "CIR1"), one)
    sight(make_meter(chile, "CIR2"), one, state=1, last_seen=AT - 2 * DAY)
    sight(make_meter(chile, "ZIV3", mac="40402200A1B2"), one, state=0, last_seen=AT - 8 * DAY)
    sight(make_meter(chile, "ZIV4"), one, state=None, last_seen=None, level=None)
    sight(make_meter(chile, "ZIV5", kind="supervisor"), one)
    shared = make_meter(chile, "ZIV6")
    sight(shared, two, level=7)
    sight(shared, one, chosen=False)
    MeterConflict.objects.create(company=chile, meter=shared, kind=1, lists=2, opened_at=AT)
    stale = make_meter(chile, "ZIV7")
    sight(stale, two)
    MeterConflict.objects.create(company=chile, meter=stale, kind=3, lists=2, opened_at=AT)
    count_lists(chile)
