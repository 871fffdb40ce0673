"""Which meters in field each filter and each search leaves (MET-4, REP-6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.reports.meters.making import AT
from tests.smmeplus.translation.markup import parse, rows, text, with_class

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

FIELD = "reports:meters"
ALL = {"CIR1", "CIR2", "ZIV3", "ZIV4", "ZIV5", "ZIV6", "ZIV7"}


@pytest.mark.usefixtures("several")
@time_machine.travel(AT + timedelta(minutes=1), tick=False)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ALL),
        ({"state": "active"}, {"CIR1", "ZIV5", "ZIV6", "ZIV7"}),
        ({"state": "temporary failure"}, {"CIR2"}),
        ({"state": "permanent failure"}, {"ZIV3"}),
        ({"state": "unknown"}, {"ZIV4"}),
        ({"concentrator": "two"}, {"ZIV6", "ZIV7"}),
        ({"concentrator": "NONE"}, set()),
        ({"level": "0"}, ALL - {"ZIV4", "ZIV6"}),
        ({"level": "7"}, {"ZIV6"}),
        ({"manufacturer": "CIR"}, {"CIR1", "CIR2"}),
        ({"silent_days": "1"}, {"CIR2", "ZIV3"}),
        ({"silent_days": "7"}, {"ZIV3"}),
        ({"silent_days": "9"}, set()),
        ({"conflict": "yes"}, {"ZIV6"}),
        ({"conflict": "no"}, ALL - {"ZIV6"}),
        ({"supervisors": "yes"}, {"ZIV5"}),
        ({"supervisors": "no"}, ALL - {"ZIV5"}),
        ({"q": "iv"}, {"ZIV3", "ZIV4", "ZIV5", "ZIV6", "ZIV7"}),
        ({"q": "CIR1"}, {"CIR1"}),
        ({"q": "40:40:22:00:a1:b2"}, {"ZIV3"}),
        ({"q": "0x40402200A1B2"}, {"ZIV3"}),
        ({"q": "cir1, ziv6"}, {"CIR1", "ZIV6"}),
        ({"q": "%"}, set()),
        ({"q": "ONE"}, set()),
        ({"state": "active", "supervisors": "no", "manufacturer": "ZIV"}, {"ZIV6", "ZIV7"}),
    ],
)
def test_filters_of_meters_in_field(client: Client, query: dict[str, str], found: set[str]) -> None:
    page = parse(client.get(reverse(FIELD), query))
    assert {row[0] for row in rows(page)} == found
    assert text(with_class(page, "total")[0]) == f"Total items: {len(found)}", "a stored number, or counted"


@pytest.mark.usefixtures("several")
def test_names_that_are_not_there_are_named(client: Client) -> None:
    page = parse(client.get(reverse(FIELD), {"q": "CIR1 CIR8"}))
    assert "1 of the 2 that you search for is not in this list: CIR8." in text(page)
