"""Messages of few concentrators are found one by one, and are the same that are found by time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company, DeviceKeys
from smmeplus.dlms.kinds import Kind
from tests.smmeplus.api.asking import Api
from tests.smmeplus.api.conftest import AT, arrival
from tests.smmeplus.users import make_operator
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
