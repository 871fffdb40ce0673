"""The page of an incident: what it shows, and what its buttons do (STA-5)."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import CompanyFactory, OutageFactory
from tests.smmeplus.translation.markup import links, parse, rows, text, texts
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer
from tests.wakeup.monitoring.incidents.pages.incidents import MINUTE, NOON, incident_of
from tests.wakeup.monitoring.incidents.pages.planned import window_of
from wakeup.models import Incident, IncidentNote, Outage

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.time]
EVIDENCE = [{"sign": "canaries arrive", "names": ["secret canary"], "number": 2, "of": 2}]
AGAINST = [{"sign": "gasps arrive", "names": ["Entel"], "number": 1, "of": 0}, {"sign": "a new sign"}]
BUTTONS = {"Comment", "Hand over", "Re-class", "Merge"}


@pytest.fixture
def one(chile: Company) -> Incident:
    return incident_of(chile, "A1", "A2", "A3", back=1, evidence=EVIDENCE, against=AGAINST)


def url(incident: Incident, action: str = "page") -> str:
    return reverse(f"incidents:{action}", args=[incident.pk])


def page(client: Client, incident: Incident, **query: str) -> Element:
    with time_machine.travel(NOON, tick=False):
        return parse(client.get(url(incident), query))


def part(shown: Element, name: str) -> str:
    found = shown.find(f".//*[@id='incident-{name}']")
    assert found is not None
    return " ".join(" ".join(found.itertext()).split())


def post(client: Client, incident: Incident, action: str, **data: Any) -> Any:
    with time_machine.travel(NOON, tick=False):
        return client.post(url(incident, action), data, headers={"HX-Request": "true"}, follow=True)


def said(response: Any) -> str:
    return " ".join(" ".join(part.split()) for part in response.content.decode().split("\n"))


def test_it_says_what_where_since_when_and_how_many(client: Client, one: Incident) -> None:
    shown = page(client, one)
    assert text(shown.find(".//h1")) == f"open Incident {one.pk}: Feeder 12 of Pudahuel"
    facts = part(shown, "facts")
    assert "Began 2/25/2026 11:50:00 AM UTC (2/25/2026 8:50:00 AM America/Santiago)" in facts
    assert "Lasted 10 min Still dark 2 of 3 concentrators; the place has 4 Customers 300 (inventory)" in facts
    assert rows(shown)[0][:4] == [
        "A1",
        "2/25/2026 11:50:00 AM",
        "2/25/2026 11:55:00 AM",
        "5 min",
    ]


def test_the_evidence_and_what_speaks_against_it_are_in_words(
    client: Client, one: Incident, administrator: User
) -> None:
    facts = part(page(client, one), "facts")
    assert "canaries arrive 2/2 What speaks against it last gasps arrive a new sign" in facts
    assert "secret canary" not in facts, "it may be another company's"
    assert "canaries arrive 2/2 (secret canary)" in part(page(client_of(administrator), one), "facts")


def test_what_planned_work_covers_says_so_and_its_end(client: Client, chile: Company) -> None:
    one = incident_of(chile, planned=window_of(chile), ended_at=NOON)
    shown = page(client, one)
    assert text(shown.find(".//h1")).startswith("ended ")
    assert "Planned work New switch (until 2/25/2026 1:00:00 PM UTC)" in part(shown, "facts")


def test_our_side_has_no_company_no_members_and_nothing_to_merge(client: Client) -> None:
    one = incident_of(None, scope="our side", feeder="", substation="")
    shown = page(client, one)
    assert text(shown.find(".//h1")) == f"open Incident {one.pk}: Our side"
    assert BUTTONS - {"Merge"} == BUTTONS & links(shown).keys()


def test_the_list_is_filtered_sorted_and_exported(client: Client, one: Incident) -> None:
    assert [row[0] for row in rows(page(client, one, dark="yes"))] == ["A2", "A3"]
    assert [row[0] for row in rows(page(client, one, q="a1", dark="no"))] == ["A1"]
    assert [row[0] for row in rows(page(client, one, sort="-concentrator"))] == ["A3", "A2", "A1"]
    exported = b"".join(client.get(url(one), {"export": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in exported.lstrip("\ufeff").splitlines()] == [
        *("concentrator_name", "A1", "A2", "A3")
    ]


def test_htmx_gets_the_list_alone_for_the_list_and_everything_to_refresh(client: Client, one: Incident) -> None:
    alone = client.get(url(one), headers={"HX-Request": "true", "HX-Target": "list"})
    assert parse(alone).find(".//h1") is None
    refreshed = client.get(url(one), headers={"HX-Request": "true", "HX-Target": "incident-refresh"})
    assert parse(refreshed).find(".//h1") is not None


def test_the_list_keeps_out_of_what_refreshes_itself(client: Client, one: Incident) -> None:
    refresh = page(client, one).find(".//div[@id='incident-refresh']")
    assert refresh is not None
    replaced = str(refresh.get("hx-select-oob")).split(",")
    assert replaced == ["#incident-head", "#incident-facts", "#incident-timeline", "#incident-history"]
    assert (refresh.get("hx-swap"), list(refresh)) == ("none", [])


@pytest.mark.parametrize("number", [1, 60])
def test_it_costs_the_same_few_queries_whatever_there_is(
    client: Client, chile: Company, operator: User, django_assert_num_queries: Any, number: int
) -> None:
    one = incident_of(chile, *(f"A{index}" for index in range(number)), owner=operator, planned=window_of(chile))
    for index in range(number):
        IncidentNote.objects.create(incident=one, at=NOON, kind="comment", user=operator, text=f"Text {index}")
    with django_assert_num_queries(9):
        assert len(rows(page(client, one))) == min(number, 25)


def test_who_looks_on_sees_no_button_and_may_do_nothing(chile: Company, one: Incident) -> None:
    viewer = client_of(make_viewer(chile))
    shown = page(viewer, one)
    assert not BUTTONS & links(shown).keys()
    assert "Acknowledge" not in texts(shown, ".//button")
    for action in ("acknowledge", "comment", "owner", "re-class", "merge", "split"):
        assert viewer.post(url(one, action), {"text": "x"}).status_code == 403, action
    assert client_of(make_user("nobody", chile)).get(url(one)).status_code == 403


def test_another_company_does_not_find_it(one: Incident) -> None:
    stranger = client_of(make_operator(CompanyFactory.create(), name="stranger"))
    for action in ("page", "comment", "owner", "re-class", "merge"):
        assert stranger.get(url(one, action)).status_code == 404, action
    for action in ("acknowledge", "comment", "owner", "re-class", "merge", "split"):
        assert stranger.post(url(one, action), {"text": "x", "cause": "our side"}).status_code == 404, action
    assert not one.notes.exists()


def test_acknowledged_by_one_and_told_to_the_other(client: Client, chile: Company, one: Incident) -> None:
    assert "The incident is acknowledged, and yours." in said(post(client, one, "acknowledge"))
    other = client_of(make_operator(chile, name="other"))
    assert "its owner is operator. Nothing was changed." in said(post(other, one, "acknowledge"))
    assert "Acknowledge" not in texts(page(client, one), ".//button")
    assert "Owner operator (acknowledged 2/25/2026 12:00:00 PM UTC)" in part(page(client, one), "facts")


def test_a_comment_stands_in_the_timeline_as_it_was_typed(client: Client, one: Incident) -> None:
    typed = "Grid <b>told</b>\nat noon"
    assert post(client, one, "comment", text=typed)["HX-Redirect"] == url(one)
    assert "2/25/2026 12:00:00 PM UTC operator: Comment Grid <b>told</b> at noon" in part(page(client, one), "timeline")
    for wrong in ("", "   ", "x" * 2001, "\0"):
        assert b'class="wrong"' in post(client, one, "comment", text=wrong).content, ascii(wrong)
    assert one.notes.count() == 1


def test_it_is_handed_over_to_who_may_act_on_it_alone(client: Client, chile: Company, one: Incident) -> None:
    other = make_operator(chile, name="other")
    outsiders = [make_viewer(chile), make_operator(CompanyFactory.create(), name="stranger")]
    offered = texts(parse(client.get(url(one, "owner"))), ".//select[@name='owner']/option")
    assert offered == ["---------", "operator", "other"]
    for outsider in outsiders:
        assert b'class="wrong"' in post(client, one, "owner", owner=outsider.pk).content
    post(client, one, "owner", owner=other.pk)
    assert Incident.objects.get().owner == other


def seen_in(client: Client, incident: Incident, action: str) -> str:
    form = parse(client.get(url(incident, action)))
    return next(str(field.get("value")) for field in form.iter("input") if field.get("name") == "seen")


def test_a_form_that_is_outdated_is_refused_with_both_values(client: Client, chile: Company, one: Incident) -> None:
    seen = seen_in(client, one, "re-class")
    other = client_of(make_operator(chile, name="other"))
    post(other, one, "re-class", cause="communication", reason="The modem", seen=seen)
    refused = said(post(client, one, "re-class", cause="our side", reason="A switch of ours", seen=seen))
    assert f"“Incident {one.pk}” was changed by other" in refused
    assert "Stored now: communication. In your form: our side." in refused
    assert "A switch of ours" in refused
    assert Incident.objects.get().cause == "communication"
    again = next(
        one.get("value")
        for one in parse(post(client, one, "re-class", cause="our side", reason="x", seen=seen)).iter("input")
        if one.get("name") == "seen"
    )
    post(client, one, "re-class", cause="our side", reason="A switch of ours", seen=again)
    assert (Incident.objects.get().cause, Incident.objects.get().is_cause_said) == ("our side", True)


def test_a_re_class_needs_a_reason_and_is_told(client: Client, one: Incident) -> None:
    assert b'class="wrong"' in post(client, one, "re-class", cause="our side", reason=" ").content
    assert b'class="wrong"' in post(client, one, "re-class", cause="magic", reason="x").content
    post(client, one, "re-class", cause="our side", reason="A switch of ours")
    shown = page(client, one)
    assert "operator: Its cause: power → our side A switch of ours" in part(shown, "timeline")
    assert "Cause our side (said by an operator)" in part(shown, "facts")
    assert "operator: cause: power → our side" in part(shown, "history")


def test_merged_into_another_open_one_of_its_company(client: Client, chile: Company, one: Incident) -> None:
    wide = incident_of(chile, "B1", feeder="13")
    incident_of(chile, feeder="ended", ended_at=NOON)
    incident_of(chile, feeder="merged", merged_into=wide)
    incident_of(CompanyFactory.create(), feeder="foreign")
    form = parse(client.get(url(one, "merge")))
    assert texts(form, ".//select[@name='into']/option") == [
        "---------",
        f"Incident {wide.pk}: Feeder 13 of Pudahuel",
    ]
    assert post(client, one, "merge", into=wide.pk)["HX-Redirect"] == url(wide)
    shown = page(client, one)
    assert "It is a part of another incident" in text(shown.find(".//div[@id='list']"))
    assert links(shown)[f"incident {wide.pk}"] == url(wide)
    assert not BUTTONS & links(shown).keys()
    assert links(page(client, wide))[f"It took in incident {one.pk}: 3 concentrators"] == url(one)


def test_into_what_has_ended_meanwhile_nothing_is_merged(client: Client, chile: Company, one: Incident) -> None:
    wide = incident_of(chile, "B1", feeder="13", ended_at=NOON)
    assert "This incident is not open any more." in said(post(client, one, "merge", into=wide.pk))
    assert Outage.objects.filter(incident=one).count() == 3


def test_selected_ones_are_split_off_after_a_question(client: Client, one: Incident) -> None:
    keys = list(Outage.objects.filter(concentrator__serial_number__in=["A1", "A2"]).values_list("pk", flat=True))
    asked = post(client, one, "split", outage=keys)
    assert "Make an incident of its own of 2 concentrators?" in said(asked)
    assert Incident.objects.count() == 1
    assert "Look once more" in said(post(client, one, "split", outage=keys, confirmed="3"))
    done = post(client, one, "split", outage=keys, confirmed="2")
    made = Incident.objects.latest("pk")
    assert done["HX-Redirect"] == url(made)
    assert "selection:done" in done["HX-Trigger"]
    assert [row[0] for row in rows(page(client, made))] == ["A1", "A2"]


def test_all_that_match_a_search_are_split_off(client: Client, one: Incident) -> None:
    asked = post(client, one, "split", all="dark=yes&q=")
    assert "of 2 concentrators?" in said(asked)
    post(client, one, "split", all="dark=yes&q=", confirmed="2")
    assert Outage.objects.filter(incident=one).count() == 1


def test_nothing_or_all_or_anothers_is_not_split_off(client: Client, one: Incident) -> None:
    foreign = OutageFactory.create(began_at=NOON - MINUTE)
    assert "Select at least one concentrator." in said(post(client, one, "split"))
    assert "Select at least one concentrator." in said(post(client, one, "split", all="dark=maybe"))
    assert "None of these belongs to the incident any more." in said(
        post(client, one, "split", outage=[foreign.pk], confirmed="0")
    )
    assert "Leave at least one in the incident" in said(post(client, one, "split", all="", confirmed="3"))
    assert Incident.objects.count() == 1


def test_what_is_selected_is_shown_alone_and_ticked(client: Client, one: Incident) -> None:
    key = Outage.objects.get(concentrator__serial_number="A2").pk
    headers = {"HX-Request": "true", "HX-Target": "list"}
    shown = parse(client.post(f"{url(one)}?selected=1", {"outage": [key]}, headers=headers))
    assert [row[0] for row in rows(shown)] == ["A2"]
    (box,) = [field for field in shown.iter("input") if field.get("type") == "checkbox"]
    assert (box.get("aria-label"), "checked" in box.attrib) == ("A2", True)
