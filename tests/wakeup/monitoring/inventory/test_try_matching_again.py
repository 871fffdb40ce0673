"""*Try again now* for all that match the filters of the inventory (CFG-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, Configuration
from concentrators.procedures.actions import install
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, parse, text, with_class
from tests.smmeplus.users import client_of, make_viewer
from tests.wakeup.at_noon import NOW
from wakeup.monitoring.inventory import trying_again

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]

LIST = reverse("concentrators:list")
URL = reverse("concentrators:try-again")
FAILED = f"{URL}?configuration=failed&q="


@pytest.fixture
def fleet(chile: Company) -> None:
    """Two that failed and one that was written."""
    for serial in ("A1", "A2", "B1"):
        ConcentratorFactory.create(serial_number=serial, company=chile)
    profile = SpontaneousProfileFactory.create()
    install(Concentrator.objects.all(), profile, user=None, now=NOW - timedelta(days=1))
    Configuration.objects.update(state="failed", next_try_at=NOW + timedelta(hours=9))
    Configuration.objects.filter(concentrator__serial_number="B1").update(state="written", next_try_at=None)


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def due() -> list[str]:
    rows = Configuration.objects.filter(next_try_at=NOW).order_by("concentrator__serial_number")
    return list(rows.values_list("concentrator__serial_number", flat=True))


def test_it_states_the_number_before_it_acts(client: Client, fleet: None) -> None:
    page = parse(client.get(FAILED, headers={"HX-Request": "true"}))
    assert text(with_class(page, "question")[0]) == (
        "Write the configurations of 2 concentrators again now, whatever their pauses?"
    )
    assert due() == []


def test_the_number_that_is_confirmed_is_tried_again(client: Client, fleet: None) -> None:
    page = parse(client.post(FAILED, {"confirmed": "2"}, follow=True))
    assert "The configurations of 2 concentrators are due now." in alerts(page)
    assert due() == ["A1", "A2"]


@pytest.mark.parametrize(
    ("number", "count", "is_confirmed"),
    [
        *[("2", 2, True), ("2", 1, True), ("1", 2, False), ("10", 11, True), ("10", 12, False), ("9", 10, False)],
        *[("", 1, False), ("x", 1, False), ("-5", 1, False), ("٣", 1, False), ("9" * 5_000, 1, False)],
    ],
)
def test_a_number_is_confirmed_if_not_many_more_match_now(number: str, count: int, is_confirmed: bool) -> None:
    assert trying_again._is_confirmed(number, count) == is_confirmed


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}, {"confirmed": "x"}])
def test_without_the_number_nothing_is_done_and_it_asks_once_more(
    client: Client, fleet: None, confirmed: dict[str, str]
) -> None:
    page = parse(client.post(FAILED, confirmed))
    assert alerts(page) == ["What matches has changed meanwhile, so nothing was done. Look once more:"]
    assert "2 concentrators" in text(page)
    assert due() == []


def test_a_wrong_filter_matches_nothing_and_not_everything(client: Client, fleet: None) -> None:
    for page in (client.get(f"{URL}?configuration=x"), client.post(f"{URL}?configuration=x", {"confirmed": "3"})):
        assert alerts(parse(page)) == ["A filter of the list is wrong. Correct it first."]
    assert due() == []


def test_where_nothing_matches_that_is_said(client: Client, fleet: None) -> None:
    page = parse(client.get(f"{URL}?q=nothing"))
    assert alerts(page) == ["Nothing that matches can be tried again."]
    assert page.find(".//button[@name='confirmed']") is None


def test_many_are_tried_again_on_a_page_of_progress(
    client: Client, fleet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying_again, "LONG", 1)
    shown: list[Any] = []

    def work_at_once(_request: Any, _title: Any, work: Any, **_more: Any) -> HttpResponse:
        shown.append(work(None))
        return HttpResponse()

    monkeypatch.setattr(trying_again, "stream_progress", work_at_once)
    client.post(FAILED, {"confirmed": "2"})
    assert [ending.sentence for ending in shown] == ["The configurations of 2 concentrators are due now."]
    assert due() == ["A1", "A2"]


def test_viewers_may_not_and_see_no_button(chile: Company, fleet: None) -> None:
    viewer = client_of(make_viewer(chile))
    assert viewer.get(URL).status_code == viewer.post(URL, {"confirmed": "3"}).status_code == 403
    assert URL not in viewer.get(LIST).content.decode()


def test_what_other_companies_have_is_never_tried(client: Client, fleet: None) -> None:
    other = ConcentratorFactory.create(serial_number="A3")
    install(Concentrator.objects.filter(pk=other.pk), SpontaneousProfileFactory.create(), user=None, now=NOW)
    Configuration.objects.filter(pk=other.pk).update(state="failed", next_try_at=None)
    client.post(FAILED, {"confirmed": "3"})
    assert due() == ["A1", "A2"]


def test_the_list_has_a_button_that_sends_its_filters(client: Client, fleet: None) -> None:
    (link,) = [link for link in parse(client.get(LIST, {"q": "A"})).iter("a") if link.get("hx-get") == URL]
    assert (link.get("href"), link.get("hx-include")) == (f"{URL}?q=A", "#filters")
