"""A concentrator's page leads with its status, what to do, the last days, and what was not taken (UI-8, LIS-6)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, State, Watch
from tests.factories import ConcentratorFactory, OutOfServiceFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import links, parse, text, with_class
from tests.smmeplus.users import client_of, make_operator
from wakeup.models import StatusChange, StrayFrame, StrayReason
from wakeup.monitoring.concentrator.status_timeline import MOST_CHANGES, StatusTimeline
from wakeup.monitoring.status.advice import what_to_do
from wakeup.monitoring.status.rules import WORST_FIRST, Status, StatusReason

SERIAL = "16CEC50610036665"
URL = f"/concentrators/{SERIAL}/"
NOW = utc("2020-09-24 15:00")
SANTIAGO = ZoneInfo("America/Santiago")
BEGIN = utc("2020-08-26 03:00")


@pytest.fixture
def one(chile: Company) -> Concentrator:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    made: Concentrator = ConcentratorFactory.create(
        company=chile, serial_number=SERIAL, in_field=True, installed_at=utc("2020-09-20 12:00"), profile=profile
    )
    return made


@pytest.fixture
def client(chile: Company) -> Client:
    return client_of(make_operator(chile))


def words(client: Client) -> str:
    return text(parse(client.get(URL)).find(".//main"))


def title(client: Client) -> str:
    return text(parse(client.get(URL)).find(".//title"))


@time_machine.travel(NOW, tick=False)
def test_the_title_begins_with_the_status_and_the_page_says_how_long_and_what_to_do(
    client: Client, one: Concentrator
) -> None:
    send(one, "2020-09-24 12:50")
    assert title(client).startswith(f"unreachable · {SERIAL}")
    assert "Silent for 2 h 10 min. See whether others of its feeder" in words(client)
    send(one, "2020-09-24 14:57")
    assert title(client).startswith(f"reachable · {SERIAL}")
    assert "Heard 3 min ago. Nothing to do." in words(client)
    OutOfServiceFactory.create(concentrator=one, begin=NOW, end=NOW + timedelta(hours=1))
    assert title(client).startswith(f"out of service · {SERIAL}")
    assert "Silent for" not in words(client)


@time_machine.travel(NOW, tick=False)
def test_what_is_not_in_field_leads_with_its_state(client: Client, one: Concentrator) -> None:
    Concentrator.objects.update(state=State.AVAILABLE, profile=None, installed_at=None)
    Watch.objects.update(since=None, silent_from=None, period_min=None)
    assert title(client).startswith(f"available · {SERIAL}")


def test_every_status_with_each_of_its_reasons_has_a_word_of_its_own() -> None:
    reasons = {
        Status.UNREACHABLE: (StatusReason.SILENCE, StatusReason.POWER, StatusReason.NEVER_CALLED),
        Status.LATE: (StatusReason.SILENCE, StatusReason.OUR_SIDE),
        Status.NEVER_CALLED: (StatusReason.NEVER_CALLED,),
        Status.OUT_OF_SERVICE: (StatusReason.OPERATOR,),
        Status.DISABLED: (StatusReason.PROFILE,),
        Status.REACHABLE: (StatusReason.MESSAGE,),
    }
    said = [what_to_do(status, reason) for status, of_status in reasons.items() for reason in of_status]
    assert len(set(said)) == len(said)
    assert {*reasons} == {*WORST_FIRST} == {*Status}


def stray(reason: StrayReason, count: int = 1, *, ignored: bool = False) -> StrayFrame:
    return StrayFrame.objects.create(
        sender=SERIAL,
        reason=reason,
        count=count,
        detail="boot",
        first_at=NOW,
        last_at=NOW,
        source_ip="10.1.2.3",
        last_bytes=b"\\0",
        ignored=ignored,
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            StrayReason.REMOVED,
            "It still sends. 7 messages came after it was removed, the last on 9/24/2020 3:00:00 PM UTC",
        ),
        (StrayReason.NETWORK, "Not all that it sends is taken."),
    ],
)
def test_what_was_not_taken_is_said_with_the_way_there_and_back(
    client: Client, one: Concentrator, reason: StrayReason, said: str
) -> None:
    Concentrator.objects.update(state=State.REMOVED, profile=None, installed_at=None)
    row = stray(reason, 7)
    page = parse(client.get(URL))
    assert said in text(page.find(".//main"))
    there = links(page)["Show what it sent"]
    assert there == reverse("wakeup:stray", args=[row.pk])
    assert links(parse(client.get(there)))["Show concentrator"] == URL


def test_nothing_is_said_of_what_was_ignored_or_never_came(client: Client, one: Concentrator) -> None:
    assert "Show what it sent" not in links(parse(client.get(URL)))
    stray(StrayReason.REMOVED, ignored=True)
    assert "Show what it sent" not in links(parse(client.get(URL)))


def change(one: Concentrator, at: str, before: str, after: str) -> StatusChange:
    return StatusChange.objects.create(
        concentrator=one, at=utc(at), from_status=before, to_status=after, reason="silence"
    )


def drawn(*changes: StatusChange) -> list[tuple[str, str, str]]:
    timeline = StatusTimeline.of(changes, None, BEGIN, NOW, SANTIAGO)
    return [(span.status, f"{span.begin:%m-%d %H:%M}", f"{span.end:%m-%d %H:%M}") for span in timeline.spans]


def test_the_timeline_goes_from_change_to_change_until_now(one: Concentrator) -> None:
    first = change(one, "2020-09-20 12:00", "", "never called")
    second = change(one, "2020-09-20 12:10", "never called", "reachable")
    assert drawn(second, first) == [
        ("", "08-26 03:00", "09-20 12:00"),
        ("never called", "09-20 12:00", "09-20 12:10"),
        ("reachable", "09-20 12:10", "09-24 15:00"),
    ]


def test_a_change_before_the_30_days_says_what_it_was_at_their_begin(one: Concentrator) -> None:
    old = change(one, "2020-01-01 12:00", "late", "unreachable")
    assert drawn(old) == [("unreachable", "08-26 03:00", "09-24 15:00")]


def test_without_any_change_nothing_is_drawn(one: Concentrator) -> None:
    assert drawn() == []


def test_of_more_changes_than_are_read_the_time_before_is_left_open(one: Concentrator) -> None:
    at, made = NOW, []
    for number in range(MOST_CHANGES):
        at -= timedelta(minutes=1)
        made.append(
            StatusChange(concentrator=one, at=at, from_status="late", to_status=("late", "reachable")[number % 2])
        )
    timeline = StatusTimeline.of(made, None, BEGIN, NOW, SANTIAGO)
    assert timeline.spans[0].begin == at


@time_machine.travel(NOW, tick=False)
def test_the_page_draws_it_with_sums_and_a_table(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 12:50")
    change(one, "2020-09-24 12:50", "never called", "reachable")
    page = parse(client.get(URL))
    (sums,) = with_class(page, "sums")
    assert text(sums) == ("unreachable (1 h 56 min, once)never called (29 d 8 h, once)reachable (14 min, once)")
    (card,) = (one for one in page.iter("section") if one.get("aria-labelledby") == "timeline-head")
    assert [text(row.find("td")) for row in card.iter("tr") if row.find("td") is not None] == [
        "unreachable",
        "reachable",
        "never called",
    ]
