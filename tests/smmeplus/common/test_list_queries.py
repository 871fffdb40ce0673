"""Every page of a list answers in under 10 queries whatever its size (UI-4)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.smmeplus.common.all_lists import ALL_DAYS, Query, list_views
from tests.smmeplus.populated import populate
from tests.smmeplus.translation.markup import parse, rows
from tests.smmeplus.users import make_operator

pytestmark = pytest.mark.one_database

FEW = 10
#: What each list costs: of these session, user, settings and permissions are the frame's, on every page.
QUERIES = {
    "alarms:list": 7,
    "changes:list": 7,
    "concentrators:installation": 9,
    "concentrators:list": 9,
    "concentrators:modification": 9,
    "concentrators:removal": 8,
    "configurations:list": 8,
    "incidents:list": 7,
    "incidents:work-list": 7,
    "deliveries:list": 8,
    "listeners:list": 7,
    "meters:list": 7,
    "planned:list": 8,
    "procedures:list": 7,
    "profiles:list": 7,
    "reports:days": 9,
    "reports:in-field": 9,
    "reports:meter-conflicts": 9,
    "reports:meter-counts": 8,
    "reports:meter-counts-by-concentrator": 8,
    "reports:meters": 8,
    "reports:reliability": 9,
    "reports:repeaters": 8,
    "reports:wakeup": 7,
    "reports:wakeup-per-day": 8,
    "rollouts:list": 7,
    "rollouts:members": 7,
    "wakeup:strays": 7,
}


def queries(client: Client, view: str, query: Query, **headers: str) -> tuple[int, int]:
    """The numbers of queries and of rows of a page."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse(view), query, headers=headers)
    return len(captured), len(rows(parse(response)))


@pytest.fixture
def measured(client: Client, chile: Company, operator: User) -> dict[str, list[tuple[int, int]]]:
    """Of each list the queries and rows with one of everything and then with a hundred, by its name."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    found: dict[str, list[tuple[int, int]]] = {view: [] for view in list_views()}
    for prefix, number in (("A", 1), ("B", 100)):
        company = chile if number == 1 else Company.objects.create(name="Big")
        company.users.add(operator)
        populate(company, prefix, number)
        for view, of_view in found.items():
            of_view.append(queries(client, view, {**ALL_DAYS, "company": company.pk, "per_page": 100}))
    return found


def test_a_list_costs_the_same_few_queries_for_one_row_and_for_a_hundred(
    measured: dict[str, list[tuple[int, int]]],
) -> None:
    for view, (one, many) in measured.items():
        # Times out of service are asked for if one of the rows has any.
        assert many[0] - 1 <= one[0] <= many[0] == QUERIES[view] < FEW, view
        assert one[1] < many[1], view


def test_filters_and_order_cost_no_more(client: Client, full: Company) -> None:
    for view in list_views():
        filtered: Query = {**ALL_DAYS, "company": full.pk, "state": "in field", "q": "0", "sort": "-name", "page": 2}
        assert queries(client, view, filtered)[0] < FEW, view


def test_the_table_alone_costs_no_more_than_the_page(client: Client, full: Company) -> None:
    for view in list_views():
        part = queries(client, view, {}, **{"HX-Request": "true", "HX-Target": "choose-concentrators"})
        assert part[0] <= queries(client, view, {})[0] < FEW, view


def test_a_user_of_many_companies_costs_no_more(full: Company) -> None:
    client = Client()
    client.force_login(make_operator(*(Company.objects.create(name=f"C{n}") for n in range(30)), name="many"))
    for view in list_views():
        assert queries(client, view, {})[0] < FEW, view
