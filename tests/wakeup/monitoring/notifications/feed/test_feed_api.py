"""The feed as other systems read it (API-3)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company
from tests import ROOT
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import Api
from tests.smmeplus.users import make_user, make_viewer
from tests.wakeup.monitoring.notifications.feed.publishing import NOW, begin, change, changes, publish
from tests.wakeup.monitoring.notifications.happenings import make_incident, note
from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.notifications.feed import reading
from wakeup.monitoring.notifications.feed.pruning import prune_events
from wakeup.monitoring.notifications.feed.schema import event_schema


@pytest.fixture(autouse=True)
def _nobody_asks_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})


@pytest.fixture
def api(chile: Company) -> Api:
    return Api(make_viewer(chile))


def numbers(page: Any) -> list[int]:
    return [one["number"] for one in page["results"]]


def read_all(api: Api, **query: Any) -> tuple[list[int], str]:
    """The numbers of all pages from a place on, and the cursor after them."""
    found, page = list[int](), api.get("events/", **query)
    while page["next"]:
        found += numbers(page)
        page = api.get(page["next"])
    return found + numbers(page), page["cursor"]


def test_before_anything_was_published(api: Api) -> None:
    page = api.get("events/")
    assert page == {"next": None, "cursor": "e0.00000000", "results": []}
    assert api.get("events/", cursor=page["cursor"]) == page
    assert api.get("events/", cursor="newest") == page


def test_a_cursor_that_is_kept_gives_what_came_since(chile: Company, api: Api) -> None:
    begin()
    first = api.get("events/")["cursor"]
    ones = changes(chile, 3)
    publish()
    page = api.get("events/", cursor=first)
    assert (numbers(page), page["next"]) == ([1, 2, 3], None)
    assert api.get("events/", cursor=page["cursor"])["results"] == []
    change(ones[0], "reachable")
    publish(1)
    (event,) = api.get("events/", cursor=page["cursor"])["results"]
    assert (event["number"], event["concentrator"], event["data"]["to_status"]) == (4, "S0", "reachable")
    assert numbers(api.get("events/", cursor=first)) == [1, 2, 3, 4], "the old one is as good as it was"


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
def test_pages_have_all_of_them_once(chile: Company, api: Api, limit: int) -> None:
    begin()
    changes(chile, 7)
    publish()
    assert read_all(api, limit=limit)[0] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("window", [1, 2, 3, 10])
def test_a_company_with_few_events_among_many_gets_on(
    chile: Company, api: Api, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    """Also over pages without any, which cost no more than a page with many."""
    monkeypatch.setattr(reading, "WINDOW", window)
    begin()
    for company, serial in ((CompanyFactory.create(), "X"), (chile, "S"), (CompanyFactory.create(), "Y")):
        changes(company, 3, serial)
    publish()
    found, cursor = read_all(api, limit=2)
    assert found == [4, 5, 6]
    assert cursor.startswith("e9.")


def test_others_see_nothing_of_it_and_all_see_our_side(chile: Company, api: Api) -> None:
    begin()
    changes(CompanyFactory.create(name="Alfa Secreta"), 1, "SECRET")
    note(make_incident(None, scope="our side", feeder="", substation=""), "opened")
    changes(chile, 1)
    publish()
    said = api.ask("events/").content.decode()
    assert "SECRET" not in said
    assert "Alfa" not in said
    assert [one["company"] for one in api.get("events/")["results"]] == ["Chile", None]


def test_a_company_that_its_user_loses_is_lost_to_a_cursor_too(chile: Company) -> None:
    user = make_viewer(chile)
    api = Api(user)
    begin()
    changes(chile, 2)
    publish()
    cursor = api.get("events/", limit=1)["cursor"]
    chile.users.remove(user)
    assert api.get("events/", cursor=cursor)["results"] == []


def test_who_sees_all_companies_sees_all_events(chile: Company, administrator: User) -> None:
    begin()
    changes(chile, 1)
    changes(CompanyFactory.create(), 1, "X")
    publish()
    assert numbers(Api(administrator).get("events/")) == [1, 2]


def test_it_takes_the_permission(chile: Company) -> None:
    assert Api(make_user("nobody", chile)).ask("events/").status_code == 403
    assert Api().ask("events/").status_code == 401


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"type": "status.changed"}, [1, 2]),
        ({"type": "incident.opened,status.changed"}, [1, 2, 3]),
        ({"type": "outage.began"}, []),
        ({"concentrator": "s1"}, [2]),
        ({"concentrator": "s1,S0"}, [1, 2]),
    ],
)
def test_filters(chile: Company, api: Api, query: dict[str, str], expected: list[int]) -> None:
    begin()
    changes(chile, 2)
    note(make_incident(chile), "opened")
    publish()
    found, cursor = read_all(api, **query)
    assert found == expected
    assert cursor.startswith("e3."), "it goes on after all that was looked at"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"type": "status"}, "type", "invalid_choice"),
        ({"type": "status.changed,"}, "type", "empty"),
        ({"type": "status.changed,nothing.changed"}, "type", "invalid_choice"),
        ({"cursor": "e1.1"}, "cursor", "invalid"),
        ({"cursor": ""}, "cursor", "empty"),
        ({"limit": "10001"}, "limit", "invalid"),
        ({"limit": "0"}, "limit", "invalid"),
        ({"concentrator": "NOPE"}, "concentrator", "does_not_exist"),
        ({"since": "2020-01-01"}, "since", "unknown_parameter"),
    ],
)
def test_what_is_wrong_is_said(api: Api, query: dict[str, str], field: str, code: str) -> None:
    answer = api.ask("events/", **query)
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]


def test_a_cursor_older_than_what_is_kept_is_gone(chile: Company, api: Api) -> None:
    begin()
    ones = changes(chile, 3)
    publish()
    cursors = [api.get("events/", limit=limit)["cursor"] for limit in (1, 2, 3)]
    late = NOW + timedelta(days=9)
    FeedProgress.objects.update(looked_at=late)
    FeedEvent.objects.filter(number=3).update(published_at=late)
    assert prune_events(late, 2) == 2
    answer = api.ask("events/", cursor=cursors[0])
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_gone")
    assert numbers(api.get("events/", cursor=cursors[1])) == [3], "nothing after it is gone"
    assert api.get("events/", cursor=cursors[2])["results"] == []
    assert numbers(api.get("events/")) == [3], "without one it begins with what is kept"
    change(ones[0], "reachable")
    publish(1)
    assert numbers(api.get("events/", cursor=cursors[2])) == [4]


def test_all_may_be_gone(chile: Company, api: Api) -> None:
    begin()
    changes(chile, 2)
    publish()
    cursor = api.get("events/")["cursor"]
    late = NOW + timedelta(days=9)
    FeedProgress.objects.update(looked_at=late)
    prune_events(late, 2)
    assert api.get("events/", cursor=cursor) == {"next": None, "cursor": cursor, "results": []}
    assert api.ask("events/", cursor="e0.00000000").status_code == 410
    assert api.get("events/") == {"next": None, "cursor": "e2.00000000", "results": []}
    changes(chile, 1, "T")
    publish(1)
    assert numbers(api.get("events/", cursor="e2.00000000")) == [3]


def test_a_cursor_from_before_a_restore_is_gone(chile: Company, api: Api) -> None:
    """The database is as it was after the first event; then other things happened."""
    begin()
    changes(chile, 3)
    publish()
    early, late = (api.get("events/", limit=limit)["cursor"] for limit in (1, 3))
    FeedEvent.objects.filter(number__gt=1).delete()
    FeedProgress.objects.update(number=1)
    assert api.ask("events/", cursor=late).status_code == 410, "it is ahead"
    changes(chile, 3, "T")
    publish()
    assert api.ask("events/", cursor=late).status_code == 410, "its number is another event's"
    assert len(api.get("events/", cursor=early)["results"]) == 3


def test_the_newest_place_leaves_out_what_was_before(chile: Company, api: Api) -> None:
    begin()
    changes(chile, 2)
    publish()
    page = api.get("events/", cursor="newest")
    assert (page["results"], page["next"]) == ([], None)
    changes(chile, 1, "T")
    publish()
    assert numbers(api.get("events/", cursor=page["cursor"])) == [3]


def test_a_page_costs_few_queries(chile: Company, api: Api) -> None:
    begin()
    changes(chile, 9)
    publish()
    cursor = api.get("events/", limit=1)["cursor"]
    with CaptureQueriesContext(connection) as captured:
        api.get("events/", cursor=cursor, limit=3)
    assert len(captured) < 10


def test_head_and_what_else_is_not_allowed(api: Api) -> None:
    address = "/api/v1/events/"
    assert (api.client.head(address).status_code, api.client.post(address).status_code) == (200, 405)
    assert api.client.head(address).content == b""


@pytest.mark.django_db
def test_the_schema_is_for_everybody_and_in_the_repository() -> None:
    answer = Api().ask("events/schema/")
    assert answer.json() == event_schema()
    assert answer["Content-Type"] == "application/schema+json"
    kept = (ROOT / "docs/events.schema.json").read_text()
    assert kept == schema_text(), "write it anew: python -m tests.wakeup.monitoring.notifications.feed.test_feed_api"


def schema_text() -> str:
    return json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (ROOT / "docs/events.schema.json").write_text(schema_text())
