"""What a concentrator's page asks of the database: little, whatever there is (UI-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator, Configuration, OutOfService
from concentrators.procedures import actions
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send
from tests.smmeplus.users import client_of
from tests.wakeup.at_noon import NOW, SERIAL

URL = reverse("concentrator:page", args=[SERIAL])

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """In field since 30 days ago."""
    one = ConcentratorFactory.create(
        serial_number=SERIAL, company=chile, in_field=True, installed_at=NOW - timedelta(days=30)
    )
    Assignment.objects.create(concentrator=one, begin=NOW - timedelta(days=30), period_min=10)
    Configuration.objects.create(concentrator=one, profile=one.profile, since=NOW)
    return one


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


@pytest.mark.parametrize("number", [0, 1, 200])
def test_it_costs_the_same_few_queries_whatever_there_is(
    client: Client, one: Concentrator, operator: User, django_assert_num_queries: Any, number: int
) -> None:
    start = NOW - timedelta(days=10)
    send(one, *(str((start + timedelta(hours=hour)).replace(tzinfo=None)) for hour in range(number)))
    for hour in range(number // 10):
        actions.remove(Concentrator.objects.all(), user=None, now=start + timedelta(hours=hour))
        gone = SpontaneousProfileFactory.create()
        actions.install(Concentrator.objects.all(), gone, user=None, now=start + timedelta(hours=hour))
        begin = NOW - timedelta(hours=hour)
        OutOfService.objects.create(concentrator=one, begin=begin, end=begin + timedelta(hours=1), set_by=operator)
    with django_assert_num_queries(17):
        assert client.get(URL).status_code == 200


def test_messages_are_read_for_this_concentrator_and_30_days_alone(client: Client, one: Concentrator) -> None:
    with CaptureQueriesContext(connection) as captured:
        client.get(URL)
    queries = [query["sql"] for query in captured if '"wakeup_message"' in query["sql"]]
    assert len(queries) == 2
    assert all('"concentrator_id" = ' in query for query in queries)
    assert [("received_at\" >= '2020-08-26 04:00:00" in query, "LIMIT 20" in query) for query in queries] == [
        (True, False),
        (False, True),
    ]
