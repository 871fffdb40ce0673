"""Every page of the API answers in under 10 queries, whatever its size (UI-4)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import LISTS, Api
from tests.smmeplus.api.conftest import arrival
from tests.smmeplus.populated import populate
from tests.smmeplus.users import make_operator
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

FILTERS: dict[str, dict[str, object]] = {
    "concentrators": {"q": "F", "state": "in field", "status": "unreachable"},
    "messages": {"concentrator": "AF000", "kind": "keepalive", "received_from": "2020-09-01T00:00:00Z"},
    "status-changes": {"q": "F", "to_status": "late", "reason": "silence"},
    "power-failures": {"concentrator": "AF000", "ended_from": "2020-09-01T00:00:00Z"},
    "alarms": {"q": "F", "state": "open", "kind": "power"},
    "wakeup-totals": {"q": "F", "concentrator": "AF000"},
    "daily-counts": {"q": "F", "concentrator": "AF000", "from_day": "2020-09-01"},
}


def queries(api: Api, path: str, **query: object) -> tuple[int, int]:
    """How many queries a page takes, and how many rows it has."""
    with CaptureQueriesContext(connection) as captured:
        page = api.get(path, **query)
    return len(captured), len(page["results"])


def test_a_page_costs_the_same_few_queries_for_few_rows_and_for_many(chile: Company) -> None:
    big: Company = CompanyFactory.create(name="Big")
    populate(big, "B", 60)
    record([arrival(f"BF{number:03}") for number in range(60)])
    few, many = Api(make_operator(chile, name="few")), Api(make_operator(chile, big, name="many"))
    for name in LISTS:
        one, hundred = queries(few, f"{name}/"), queries(many, f"{name}/")
        # Times out of service are asked for if one of the rows has any.
        assert one[0] <= hundred[0] <= one[0] + 1 < 10, name
        assert one[1] < hundred[1] or name.endswith("profiles"), name


def test_filters_and_a_user_of_many_companies_cost_no_more(chile: Company) -> None:
    big = CompanyFactory.create(name="Big")
    populate(big, "A", 2)
    companies = [chile, big, *(CompanyFactory.create() for _ in range(30))]
    api = Api(make_operator(*companies, name="many"))
    for name, filters in FILTERS.items():
        assert queries(api, f"{name}/", company=big.pk, limit=1, **filters)[0] < 10, name


@pytest.mark.parametrize("path", ["concentrators/A1/", "settings/"])
def test_a_single_thing_takes_few_queries(api: Api, path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        api.get(path)
    assert len(captured) < 10
