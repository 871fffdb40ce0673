"""The list of alarms, one alarm, and what people do about it (STA-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import links, parse, rows, text, with_class
from tests.smmeplus.users import client_of, make_operator, make_viewer
from tests.wakeup.monitoring.alarms.stored import NOON, make_alarm, make_incident, minutes
from wakeup.models import Alarm

pytestmark = pytest.mark.one_database

LIST = reverse("alarms:list")
NOW = NOON + minutes(5)
LONG = "x" * 201


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def page_of(alarm: Alarm) -> str:
    return reverse("alarms:page", args=[alarm.pk])


def do(client: Client, command: str, alarm: Alarm, **typed: Any) -> Any:
    return client.post(reverse(f"alarms:{command}", args=[alarm.pk]), typed)


def listed(client: Client, **query: str) -> list[str]:
    """The places of the rows."""
    return [row[2] for row in rows(parse(client.get(LIST, query))) if len(row) > 1]


def words_of(page: Element) -> str:
    return text(page.find(".//main") if page.find(".//main") is not None else page)


def test_an_empty_list_says_that_all_is_well(client: Client) -> None:
    page = parse(client.get(LIST))
    assert text(with_class(page, "empty")[0]) == "All is well: nothing needs a person now."
    page = parse(client.get(LIST, {"q": "nothing"}))
    assert text(with_class(page, "empty")[0]) == "No alarm matches. Change the filters."


def test_open_ones_are_shown_the_most_urgent_first_and_of_these_the_newest(client: Client, chile: Company) -> None:
    for place, priority, age in (("a", 1, 5), ("b", 3, 9), ("c", 3, 3), ("d", 2, 1)):
        make_alarm(chile, NOW - minutes(age), priority=priority, place=place)
    make_alarm(chile, NOW - minutes(9), place="over", ended_at=NOW)
    make_alarm(chile, NOW - minutes(9), place="later", shelved_until=NOW + minutes(1))
    make_alarm(chile, NOW - minutes(9), place="again", shelved_until=NOW)
    assert listed(client) == ["c", "b", "d", "a", "again"]
    assert listed(client, state="ended") == ["over"]
    assert listed(client, state="shelved") == ["later"]
    assert len(listed(client, state="")) == 7


def test_what_is_shelved_comes_back_by_itself(client: Client, chile: Company, operator: User, clock: Any) -> None:
    alarm = make_alarm(chile, NOW, place="a")
    do(client, "shelve", alarm, hours="1", reason="Known")
    assert listed(client) == []
    clock.shift(timedelta(hours=1))
    assert listed(client_of(operator)) == ["a"]  # the session has ended meanwhile


def test_a_row_says_how_urgent_what_where_what_it_means_and_what_to_do(client: Client, chile: Company) -> None:
    make_alarm(chile, NOON, priority=3, facts={"dark": 12, "customers": 3_400}, act_by=NOON + minutes(10))
    (cells,) = rows(parse(client.get(LIST)))
    assert cells[:3] == ["high ▲", "power outage", "S1 · F1"]
    assert cells[4] == (
        "Concentrators of this place lost their supply together. "
        "Ask the grid's control room about this place, and take the incident over."
        "12 concentrators dark · 3,400 customers"
    )
    assert (cells[5], cells[3], cells[8]) == ("11/3/2026 12:10:00 PM", "new", "Chile")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "new"),
        ({"act_by": NOW - minutes(1)}, "new, overdue"),
        ({"act_by": NOW - minutes(1), "acknowledged_at": NOW}, "acknowledged"),
        ({"is_false": True}, "new · false alarm"),
        ({"is_false": False}, "new · real"),
        (
            {"shelved_until": NOW + minutes(60), "shelved_reason": "Known"},
            "shelved until 11/3/2026 1:05:00 PM UTC: Known",
        ),
        ({"ended_at": NOW}, "ended 11/3/2026 12:05:00 PM"),
    ],
)
def test_the_state_is_what_has_been_done(client: Client, chile: Company, values: dict[str, Any], said: str) -> None:
    make_alarm(chile, NOON, **values)
    (row,) = rows(parse(client.get(LIST, {"state": ""})))
    assert row[3] == said


def test_standing_repeating_and_chattering_ones_are_named(client: Client, chile: Company) -> None:
    late = {"act_by": NOW + minutes(60)}
    make_alarm(chile, NOW - timedelta(hours=25), place="stands", **late)
    for hours in (23, 12, 0):
        make_alarm(chile, NOW - timedelta(hours=hours), place="repeats", **late)
    for at in (9, 5, 0):
        make_alarm(chile, NOW - minutes(at), place="chatters", **late)
    other = CompanyFactory.create()
    for company in (chile, other, other):
        make_alarm(company, NOW, place="of two companies", **late)
    for kind in ("undecided", "our side", "our side"):
        make_alarm(None, NOW, place="", kind=kind, **late)
    found = {row[2]: row[3] for row in reversed(rows(parse(client.get(LIST))))}
    assert found == {
        "stands": "new · standing for more than a day",
        "repeats": "new · repeating: 3 within a day",
        "chatters": "new · repeating: 3 within a day · chattering: three or more within 10 minutes",
        "of two companies": "new",
        "—": "new",
    }


def test_nobody_sees_the_alarms_of_others(client: Client, chile: Company) -> None:
    foreign = make_alarm(CompanyFactory.create(), NOW, place="foreign")
    make_alarm(None, NOW, kind="our side", place="")
    assert listed(client) == ["—"]
    assert client.get(page_of(foreign)).status_code == 404
    assert do(client, "acknowledge", foreign).status_code == 404
    foreign.refresh_from_db()
    assert foreign.acknowledged_at is None


def test_a_viewer_reads_and_does_nothing(chile: Company) -> None:
    viewer, alarm = client_of(make_viewer(chile)), make_alarm(chile, NOW)
    for url in (LIST, page_of(alarm)):
        page = parse(viewer.get(url))
        assert not {"Acknowledge", "Shelve", "False alarm"} & set(links(page))
    assert do(viewer, "acknowledge", alarm).status_code == 403


def test_an_alarm_is_acknowledged_once(client: Client, chile: Company, operator: User) -> None:
    alarm = make_alarm(chile, NOW)
    assert "Tell the others that you see to it?" in words_of(
        parse(client.get(reverse("alarms:acknowledge", args=[alarm.pk])))
    )
    assert do(client, "acknowledge", alarm)["Location"] == page_of(alarm)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == (operator, NOW)
    second = client_of(make_operator(chile, name="second"))
    assert "operator has acknowledged it already." in words_of(parse(do(second, "acknowledge", alarm)))
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == operator
    assert "operator sees to it" in words_of(parse(client.get(page_of(alarm))))


def test_it_is_shelved_with_an_end_and_a_reason_and_unshelved(client: Client, chile: Company, operator: User) -> None:
    alarm = make_alarm(chile, NOW)
    do(client, "shelve", alarm, hours="24", reason="  Known   to all ")
    alarm.refresh_from_db()
    assert (alarm.shelved_until, alarm.shelved_reason) == (NOW + timedelta(hours=24), "Known to all")
    assert alarm.shelved_by == operator
    do(client, "unshelve", alarm)
    alarm.refresh_from_db()
    assert [alarm.shelved_until, alarm.shelved_by, alarm.shelved_reason] == [None, None, ""]
    assert "It is not shelved any more." in words_of(parse(do(client, "unshelve", alarm)))


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"hours": "1"},
        {"reason": "Known"},
        {"hours": "1", "reason": "   "},
        {"hours": "1", "reason": LONG},
        {"hours": "1", "reason": "a\0b"},
        *({"hours": hours, "reason": "Known"} for hours in ("0", "25", "-1", "x", "9" * 5000, "1.5")),
    ],
)
def test_nothing_is_shelved_without_an_end_or_a_reason(client: Client, chile: Company, typed: dict[str, str]) -> None:
    alarm = make_alarm(chile, NOW)
    response = do(client, "shelve", alarm, **typed)
    assert response.status_code == 200
    assert parse(response).findall(".//ul[@class='errorlist']")
    alarm.refresh_from_db()
    assert alarm.shelved_until is None


@pytest.mark.parametrize(("command", "is_false"), [("false", True), ("real", False)])
def test_a_person_says_whether_it_was_real_also_afterwards(
    client: Client, chile: Company, command: str, is_false: bool
) -> None:
    alarm = make_alarm(chile, NOON, ended_at=NOW, is_false=not is_false)
    do(client, command, alarm)
    alarm.refresh_from_db()
    assert alarm.is_false is is_false


@pytest.mark.parametrize("command", ["acknowledge", "shelve", "unshelve"])
def test_what_has_ended_meanwhile_is_left_as_it_is(client: Client, chile: Company, command: str) -> None:
    alarm = make_alarm(chile, NOON, ended_at=NOW)
    said = words_of(parse(do(client, command, alarm, hours="1", reason="Known")))
    assert "The alarm has ended meanwhile: there is nothing left to do." in said
    assert Alarm.history.filter(id=alarm.pk).count() == 1


def test_the_page_tells_who_did_what(client: Client, chile: Company) -> None:
    notes = [{"at": NOON.isoformat(), "kind": "wide", "priority": 1, "to": 3}]
    facts = {"notes": notes, "ended": "merged", "incidents": 8, "places": ["A", "B"], "more_places": 3}
    alarm = make_alarm(chile, NOON, facts=facts, incident=make_incident(chile))
    do(client, "acknowledge", alarm)
    page = parse(client.get(page_of(alarm)))
    assert text(page.find(".//h1")) == "Power outage: S1 · F1 low ●"
    said = words_of(page)
    assert "8 incidents · A, B and 3 more" in said
    assert "was “many incidents at once”, priority low; now high" in said
    (change,) = (text(one) for one in with_class(page, "history")[-1] if "acknowledged" in text(one))
    assert "operator: acknowledged at: — →" in change
    Alarm.objects.update(ended_at=NOW)
    assert "its incident became part of another one" in words_of(parse(client.get(page_of(alarm))))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "undecided", "place": ""}, "No canary reports"),
        ({"kind": "not delivered", "place": "", "facts": {"tries": 0, "waiting": 3}}, "Nothing was tried"),
        ({"kind": "not delivered", "facts": {"tries": 1, "waiting": 1}}, "1 delivery waits"),
        (
            {"kind": "planned overrun", "facts": {"title": "<b>Pole</b>", "dark": 1}},
            "1 concentrator dark · <b>Pole</b>",
        ),
        ({"kind": "wide"}, "this stands for all"),
        ({"kind": "carrier"}, "Call the carrier"),
        ({"kind": "our side"}, "Look at listeners"),
        ({"kind": "flapping"}, "recloser"),
        ({"kind": "communication"}, "messages of this place do not arrive"),
    ],
)
def test_each_kind_has_its_words(client: Client, chile: Company, values: dict[str, Any], said: str) -> None:
    alarm = make_alarm(chile, NOON, **values)
    assert said in words_of(parse(client.get(page_of(alarm))))
    assert said in words_of(parse(client.get(LIST)))


def test_after_a_command_of_the_list_the_list_is_shown_with_its_filters(client: Client, chile: Company) -> None:
    alarm = make_alarm(chile, NOW)
    here = f"http://testserver{LIST}?state=open&priority=1"
    headers = {"HX-Request": "true", "HX-Current-URL": here}
    url = reverse("alarms:acknowledge", args=[alarm.pk])
    assert client.post(url, headers=headers)["HX-Redirect"] == f"{LIST}?state=open&priority=1"


def test_the_list_asks_for_itself_as_it_is_filtered_and_sorted(client: Client, chile: Company) -> None:
    make_alarm(chile, NOON)
    asked = {"priority": "1", "sort": "place", "page": "1"}
    part = client.get(LIST, asked, headers={"HX-Request": "true", "HX-Target": "list"})
    (refresh,) = [one for one in parse(part).iter("div") if one.get("hx-trigger") == "every 15s"]
    assert refresh.get("hx-get") == f"{LIST}?{urlencode(asked)}"
    assert not [one for one in parse(client.get(LIST, {"print": ""})).iter("div") if one.get("hx-trigger")]
