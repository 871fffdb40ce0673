"""Messages of few concentrators are found one by one, and are the same that are found by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company, DeviceKeys
from smmeplus.dlms.kinds import Kind
from tests.smmeplus.api.asking import Api
from tests.smmeplus.api.conftest import AT, arrival
from tests.smmeplus.users import make_operator
from wakeup.api.newest import newest_of_all
from wakeup.models import Message
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

QUERIES: list[dict[str, Any]] = [
    {},
    {"kind": "boot"},
    {"kind": "other"},
    {"received_from": "2020-09-24T10:18:47Z"},
    {"received_from": "2020-09-24T10:18:47Z", "received_to": "2020-09-24T10:18:52Z", "kind": "boot"},
]


@pytest.fixture
def many(peru: Company) -> Company:
    """Messages of A1, A2 and P1 in turns, many at the same time."""
    DeviceKeys.objects.update(ciphered_only=False)  # these do not cipher
    serials = ("A1", "A2", "P1")
    kinds = (Kind.KEEPALIVE, Kind.BOOT)
    record([arrival(serials[n % 3], AT + timedelta(seconds=n // 4), kinds[n // 3 % 2]) for n in range(60)])
    return peru


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_they_are_the_same_in_the_same_order(
    api: Api, many: Company, monkeypatch: pytest.MonkeyPatch, query: dict[str, Any]
) -> None:
    one_by_one = api.rows("messages/", limit=7, **query)
    monkeypatch.setattr("wakeup.api.messages.FEW", 0)
    monkeypatch.setattr("wakeup.api.newest.FEW", 0)
    assert one_by_one == api.rows("messages/", limit=7, **query)


def test_a_company_of_several_is_found_alone(chile: Company, many: Company) -> None:
    api = Api(make_operator(chile, many, name="both"))
    assert {row["concentrator"] for row in api.rows("messages/", company=many.pk)} == {"P1"}
    assert {row["concentrator"] for row in api.rows("messages/", company=chile.pk)} == {"A1", "A2"}
    assert len(api.rows("messages/")) == 67


def test_on_postgresql_each_of_a_few_is_asked_by_its_own_index(api: Api, many: Company) -> None:
    with CaptureQueriesContext(connection) as captured:
        api.get("messages/")
    is_known = connection.vendor == "postgresql"
    assert any("LATERAL" in query["sql"] for query in captured) == is_known


@pytest.mark.parametrize(
    "wanted", [slice(1), slice(30), slice(10, 20), slice(67), slice(500), slice(500, 501), slice(0)]
)
def test_the_newest_of_all_are_found_however_far_back_they_lie(chile: Company, many: Company, wanted: slice) -> None:
    record([arrival("A1", AT - n * n * timedelta(hours=1)) for n in range(40)])
    rows = Message.objects.order_by("-received_at", "-pk")
    for before in (AT, AT + timedelta(days=400), AT - timedelta(days=400), datetime.min.replace(tzinfo=UTC)):
        assert newest_of_all(rows, wanted, before) == list(rows[wanted])


def test_the_beginning_of_time_is_no_error(api: Api, many: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeup.api.newest.FEW", 0)
    assert api.rows("messages/", received_to="0001-01-01T00:00:00Z") == []
    assert len(api.rows("messages/", received_to="9999-12-31T23:59:59Z")) == 46


def test_on_postgresql_a_page_in_the_past_is_looked_for_from_there_on(
    api: Api, many: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeup.api.newest.FEW", 0)
    with CaptureQueriesContext(connection) as captured:
        api.get("messages/", limit=7, received_to="2020-09-24T10:18:50Z")
    asked = [query["sql"].replace("T", " ") for query in captured]
    assert any("2020-09-24 09:18:50" in sql for sql in asked) == (connection.vendor == "postgresql")
