"""The page of a conflict and the dialog in which an operator decides (MET-5, UI-9, ACC-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Decision, MeterConflict, Sighting
from tests.concentrators.meters.conflicts.held import NOW, PERMANENT
from tests.concentrators.meters.conflicts.making import Place
from tests.smmeplus.translation.markup import field, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def place(chile: Company) -> Place:
    place = Place(chile)
    place.listed(1, level=3, availability_7d=98.126, changes=4)
    place.listed(2, level=0)
    place.settle()
    return place


def url(place: Place, name: str = "page") -> str:
    return reverse(f"conflicts:{name}", args=[MeterConflict.objects.get(meter=place.meter).pk])


def page(client: Client, place: Place) -> str:
    return text(parse(client.get(url(place))).find(".//main"))


def decide(client: Client, place: Place, **values: Any) -> Any:
    """What the form that was just opened is answered with."""
    shown = parse(client.get(url(place, "decide")))
    return client.post(url(place, "decide"), {**hidden(shown), **values})


def hidden(shown: Any) -> dict[str, str]:
    return {name: field(shown, name).get("value", "") for name in ("seen", "listed_by")}


def errors_of(response: Any) -> str:
    shown = parse(response)
    return " ".join(text(one) for one in (*with_class(shown, "errorlist"), *with_class(shown, "alert-danger")))


def test_it_shows_what_each_concentrator_has_of_the_meter_and_which_one_is_preferred(
    client: Client, place: Place
) -> None:
    shown = page(client, place)
    one, other = (place.at(number).serial_number for number in (1, 2))
    assert "live Conflict of meter CIR0000000001" in shown
    assert "Somebody has to decide where it belongs." in shown
    assert f"{other} is preferred: fewer repeaters are on its way there." in shown
    assert "waits for a decision" in shown
    rows = {
        row[0].split()[0]: row
        for row in (texts(tr, "*") for tr in parse(client.get(url(place))).findall(".//tbody/tr"))
    }
    first_seen, last_seen = "2/23/2027 12:00:00 PM", "3/4/2027 12:00:00 PM"
    assert rows[one][1:] == ["active", first_seen, last_seen, "0 s", "98.13", "4", "3", "—", "—", "Keep here"]
    assert rows[other][5:10] == ["—", "—", "0", "—", "—"]


def test_it_says_how_many_neighbours_count_there(client: Client, place: Place) -> None:
    repeater = Place(place.company, "CIRREPEATER", place.concentrators).listed(1, chosen=True)
    for number, is_chosen in enumerate([True, True, False]):
        Place(place.company, f"CIRNEAR{number}", place.concentrators).listed(1, parent=repeater, chosen=is_chosen)
    gone = Place(place.company, "CIRGONE", place.concentrators)
    gone.listed(1, parent=repeater)
    gone.gone(1)
    Sighting.objects.filter(meter=place.meter, concentrator=place.at(1)).update(parent=repeater)
    assert "2 of 3 count here" in page(client, place)


@pytest.mark.parametrize("number", [1, 40])
def test_it_takes_few_queries_however_many_list_it(
    number: int, client: Client, place: Place, django_assert_max_num_queries: Any
) -> None:
    for n in range(3, 3 + number):
        place.listed(n)
    place.settle()
    client.get(url(place))
    with django_assert_max_num_queries(9):
        client.get(url(place))


def test_a_decision_to_keep_it_says_what_is_to_be_done(client: Client, place: Place) -> None:
    assert decide(client, place, decision="keep", keep_at=place.at(1).pk, note="Seen there.").status_code == 302
    shown = page(client, place)
    one, other = (place.at(number).serial_number for number in (1, 2))
    assert f"Decided: Keep it at {one}." in shown
    assert f"Keep it at {one}. (operator, 3/4/2027 12:00:00 PM UTC)Seen there." in shown.replace(" Seen", "Seen")
    assert f"Remove it at {other} (order B06). Nothing is sent from here" in shown
    assert f"operator: decision: — → keep at one, keep at: — → {one}" in shown
    assert f"Keep it at {one}." not in page(client, place).replace(f"Keep it at {one}. (operator", "")


def test_what_has_moved_says_where_it_is_left_over(client: Client, place: Place) -> None:
    place.listed(1, 30, 13, state=PERMANENT)
    place.settle()
    assert f"Remove it at {place.at(1).serial_number} (order B06)." in page(client, place)


def test_both_are_allowed_to_the_end_of_a_day_by_the_clocks_of_the_company(client: Client, place: Place) -> None:
    """On the evening of 3 April the clocks of Chile are set back at midnight, so that this day has 25 hours."""
    decide(client, place, decision="allowed", allowed_until="2027-04-03")
    assert place.the_conflict().allowed_until == datetime(2027, 4, 4, 4, tzinfo=UTC)
    assert "Both are allowed until 4/3/2027." in page(client, place)
    shown = parse(client.get(url(place, "decide")))
    assert field(shown, "allowed_until").get("value") == "2027-04-03"
    decide(client, place, decision="allowed", allowed_until="2027-12-31")
    assert place.the_conflict().allowed_until == datetime(2028, 1, 1, 3, tzinfo=UTC)
    decide(client, place, decision="allowed", allowed_until="2027-09-04")
    assert place.the_conflict().allowed_until == datetime(2027, 9, 5, 4, tzinfo=UTC)
    assert "Both are allowed until 9/4/2027." in page(client, place)


def test_it_is_not_a_conflict_and_then_it_is_one_again(client: Client, place: Place) -> None:
    decide(client, place, decision="none", keep_at=place.at(1).pk, allowed_until="2027-04-03")
    found = place.the_conflict()
    assert (found.decision, found.keep_at, found.allowed_until) == (Decision.NONE, None, None)
    assert "Withdraw the decision?" in text(parse(client.get(url(place, "withdraw"))))
    assert client.post(url(place, "withdraw")).status_code == 302
    assert "The decision was withdrawn." in page(client, place)
    assert place.the_conflict().decision == ""
    assert "Nothing is decided about it." in errors_of(client.post(url(place, "withdraw")))


def test_why_a_decision_does_not_hold_any_more_is_said_until_the_next_one(client: Client, place: Place) -> None:
    decide(client, place, decision="keep", keep_at=place.at(1).pk)
    place.listed(1, state=PERMANENT)
    place.settle()
    said = "It waits for a decision again: the meter has failed where it was to be kept."
    assert said in page(client, place)
    decide(client, place, decision="none")
    assert said not in page(client, place)


WRONG = {
    "nothing": ({}, "This field is required."),
    "another decision": ({"decision": "merge"}, "Select a valid choice."),
    "nowhere": ({"decision": "keep"}, "Choose the concentrator where it belongs."),
    "where it is not": ({"decision": "keep", "keep_at": "4711"}, "Select a valid choice."),
    "no key": ({"decision": "keep", "keep_at": "x' OR 1=1"}, "Select a valid choice."),
    "a key too long": ({"decision": "keep", "keep_at": "9" * 40}, "Select a valid choice."),
    "no day": ({"decision": "allowed"}, "Say until when."),
    "no date": ({"decision": "allowed", "allowed_until": "tomorrow"}, "A date is like 2020-09-24."),
    "a day before": ({"decision": "allowed", "allowed_until": "2027-03-03"}, "This has to be in the future."),
    "a mistyped year": ({"decision": "allowed", "allowed_until": "3027-03-04"}, "more than two years ahead"),
    "the last year of all": ({"decision": "allowed", "allowed_until": "9999-12-31"}, "A date is like 2020-09-24."),
    "a note too long": ({"decision": "none", "note": "x" * 401}, "at most 400 characters"),
    "a note with a zero": ({"decision": "none", "note": "a\x00b"}, "Null characters are not allowed."),
}


@pytest.mark.parametrize(("values", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_said_and_changes_nothing(
    values: dict[str, Any], said: str, client: Client, place: Place
) -> None:
    response = decide(client, place, **values)
    assert said in errors_of(response)
    assert place.the_conflict().decision == ""


def test_a_form_that_others_have_overtaken_is_refused_once(client: Client, place: Place) -> None:
    shown = parse(client.get(url(place, "decide")))
    other = client_of(make_operator(place.company, name="other"))
    decide(other, place, decision="keep", keep_at=place.at(1).pk)
    mine = {"decision": "none", **hidden(shown)}
    refused = client.post(url(place, "decide"), mine)
    assert "was changed by other at" in errors_of(refused)
    assert "Stored now: keep at one. In your form: not a conflict." in errors_of(refused)
    assert place.the_conflict().decision == Decision.KEEP
    assert client.post(url(place, "decide"), mine | hidden(parse(refused))).status_code == 302
    assert place.the_conflict().decision == Decision.NONE


def test_a_form_that_new_facts_have_overtaken_is_refused_once(client: Client, place: Place) -> None:
    shown = parse(client.get(url(place, "decide")))
    place.listed(3)
    place.settle()
    mine = {"decision": "keep", "keep_at": place.at(1).pk, **hidden(shown)}
    refused = client.post(url(place, "decide"), mine)
    assert "Other concentrators list this meter than when you opened this form." in errors_of(refused)
    assert place.the_conflict().decision == ""
    assert client.post(url(place, "decide"), mine | hidden(parse(refused))).status_code == 302


def test_what_is_over_shows_what_was_and_takes_no_decision(client: Client, place: Place) -> None:
    shown = parse(client.get(url(place, "decide")))
    place.gone(2)
    place.settle(NOW + timedelta(minutes=1))
    assert "Closed at3/4/2027 12:01:00 PM UTC" in page(client, place)
    refused = client.post(url(place, "decide"), {"decision": "none", **hidden(shown)})
    assert "This conflict is over" in errors_of(refused)
    assert "Keep here" not in page(client, place)
    assert MeterConflict.objects.get().decision == ""


def test_the_form_begins_with_what_was_clicked(client: Client, place: Place) -> None:
    query = {"decision": "keep", "keep_at": str(place.at(2).pk)}
    shown = parse(client.get(url(place, "decide"), query))
    chosen = [one.get("value") for one in shown.iter("option") if "selected" in one.attrib]
    assert chosen == ["keep", query["keep_at"]]


def test_a_viewer_looks_and_a_stranger_sees_nothing(place: Place) -> None:
    viewer = client_of(make_viewer(place.company))
    assert "Decide" not in page(viewer, place)
    for name in ("decide", "withdraw"):
        assert viewer.get(url(place, name)).status_code == 403
        assert viewer.post(url(place, name), {"decision": "none"}).status_code == 403
    stranger = client_of(make_operator(name="stranger"))
    for name in ("page", "decide", "withdraw"):
        assert stranger.get(url(place, name)).status_code == 404
    assert stranger.post(url(place, "decide"), {"decision": "none"}).status_code == 404
    assert place.the_conflict().decision == ""


@pytest.mark.parametrize("language", ["es", "it"])
def test_the_page_is_in_other_languages_too(language: str, client: Client, place: Place) -> None:
    client.cookies["django_language"] = language
    assert client.get(url(place)).status_code == 200
