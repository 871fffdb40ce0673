"""What is told in JSON, as IEC 61968-9 and in words (STA-7)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import translation

from concentrators.models import Company
from tests.wakeup.monitoring.notifications.happenings import (
    MINUTE,
    NOW,
    arrive,
    end,
    make_incident,
    make_receiver,
    queue,
)
from wakeup.models import Delivery
from wakeup.monitoring.notifications.events import Why, in_words, reason
from wakeup.monitoring.notifications.sending.channels import message_id
from wakeup.monitoring.notifications.sending.iec61968 import EVENTS, MESSAGE, code_of, message_of
from wakeup.monitoring.notifications.words import headline, lines, place

SPACES = {"m": MESSAGE, "e": EVENTS}
FACTS = {"scope": "feeder", "feeder": "A7", "substation": "Six", "cause": "power", "time_zone": "America/Santiago"}


@pytest.fixture
def told(chile: Company) -> list[Delivery]:
    """Of an incident, its beginning and its end."""
    receiver = make_receiver(chile)
    one = make_incident(chile)
    queue()
    arrive(receiver)
    end(one, NOW + 9 * MINUTE)
    queue(9)
    return list(receiver.deliveries.order_by("number"))


@pytest.mark.parametrize(
    ("event", "facts", "code"),
    [
        ("incident opened", {"cause": "power"}, "10.26.0.85"),
        ("incident changed", {"cause": "power"}, "10.26.0.85"),
        ("incident ended", {"cause": "power"}, "10.26.0.216"),
        ("incident opened", {"cause": "communication"}, "10.1.0.85"),
        ("incident ended", {"cause": "communication"}, "10.1.0.216"),
        ("incident opened", {"cause": "undecided"}, "10.0.0.85"),
        ("incident opened", {"cause": "our side"}, "0.0.0.0"),
        ("alarm raised", {"kind": "not delivered"}, "0.0.0.0"),
        ("test", {}, "0.0.0.0"),
    ],
)
def test_codes(event: str, facts: dict[str, Any], code: str) -> None:
    assert code_of(event, facts) == code


@pytest.mark.one_database
def test_an_incident_is_one_end_device_event(told: list[Delivery]) -> None:
    opened, ended = (ElementTree.fromstring(message_of(one, message_id(one), NOW)) for one in told)
    assert opened.findtext("m:Header/m:Noun", namespaces=SPACES) == "EndDeviceEvents"
    (event,) = opened.findall("m:Payload/e:EndDeviceEvents/e:EndDeviceEvent", SPACES)
    assert event.findtext("e:createdDateTime", namespaces=SPACES) == "2026-12-31T00:59:00+00:00"
    assert event.findtext("e:Assets/e:mRID", namespaces=SPACES) == "Chile / Six / A7"
    details = {one.findtext("e:name", "", SPACES): one.findtext("e:value", "", SPACES) for one in event}
    assert (details["concentrators"], details["cause"]) == ("12", "power")
    assert event.find("e:EndDeviceEventType", SPACES).get("ref") == "10.26.0.85"  # type: ignore[union-attr]
    (event,) = ended.iter(f"{{{EVENTS}}}EndDeviceEvent")
    assert event.findtext("e:createdDateTime", namespaces=SPACES) == "2026-12-31T01:09:00+00:00"


def test_what_xml_cannot_hold_is_replaced() -> None:
    hostile = Delivery(event="test", body={"feeder": "<A&\0\x1b\ud800\uffff>"}, key="k", made_at=NOW)
    root = ElementTree.fromstring(message_of(hostile, "msg_1", NOW))
    assert root.findtext(".//e:Assets/e:mRID", namespaces=SPACES) == "<A&\ufffd\ufffd\ufffd\ufffd>"


@pytest.mark.one_database
def test_the_subject_says_what_where_and_since_when(told: list[Delivery]) -> None:
    opened, ended = told
    said = "Power outage · feeder A7, substation Six · Chile · since 12/30/2026 9:59:00 PM (America/Santiago)"
    assert headline(opened.event, opened.body) == said
    assert headline(ended.event, ended.body) == f"Ended: {said}"
    shown = dict(lines(ended.event, ended.body))
    assert shown["Ended"] == "12/30/2026 10:09:00 PM (America/Santiago)"
    assert (shown["Concentrators"], shown["Priority"]) == ("12", "low")
    assert "Part of incident" not in shown


@pytest.mark.parametrize(
    ("began", "shown"),
    [
        ("2027-04-04T02:30:00+00:00", "4/3/2027 11:30:00 PM"),  # in summer time, an hour before it comes again
        ("2027-04-04T03:30:00+00:00", "4/3/2027 11:30:00 PM"),
        ("2026-12-31T23:30:00+00:00", "12/31/2026 8:30:00 PM"),
    ],
)
def test_times_are_those_of_the_company(began: str, shown: str) -> None:
    assert f"since {shown} (America/Santiago)" in headline("incident opened", {**FACTS, "began_at": began})


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"scope": "feeder", "feeder": "A7", "substation": ""}, "feeder A7"),
        ({"scope": "substation", "substation": "Six"}, "substation Six"),
        ({"scope": "carrier", "carrier": "Movil"}, "carrier Movil"),
        ({"scope": "company"}, "the whole company"),
        ({"scope": "our side"}, ""),
        ({}, ""),
    ],
)
def test_places(facts: dict[str, str], shown: str) -> None:
    assert place(facts) == shown


def test_a_name_brings_no_line_into_a_subject() -> None:
    assert "\n" not in headline("incident opened", {**FACTS, "feeder": "A\r\nBcc: x@example.org"})


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("language", ["en", "es", "it"])
def test_every_reason_has_words_whatever_was_seen(why: Why, language: str) -> None:
    with translation.override(language):
        assert in_words(reason(why, "100 % | x")).replace("100 % | x", "")


def test_a_reason_is_one_line_and_never_too_long() -> None:
    assert reason(Why.MAIL, "a\nb") == "mail|a b"
    assert len(reason(Why.MAIL, "a" * 9_999)) == 500
    assert in_words("what nobody knows") == "what nobody knows"
    assert in_words("") == ""
