"""What others have changed since the operator began to choose is named before anything is done (UI-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import install, make_available, modify, remove
from profiles.models import SpontaneousProfile
from tests.concentrators.procedures.choices import CHANGED_BY_ANOTHER, ask, confirm, questions
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, text, with_class
from tests.smmeplus.users import make_operator

pytestmark = [pytest.mark.one_database, pytest.mark.time]

SINCE = datetime(2026, 4, 5, 2, 45, tzinfo=UTC)  # a quarter of an hour before clocks go back in Santiago
LATER = SINCE + timedelta(minutes=30)
AT = "4/4/2026 11:15:00 PM"  # LATER in Santiago
LEFT_OUT = "{} of those selected {} been changed meanwhile and {} left out:"


@pytest.fixture
def ana(chile: Company) -> User:
    return make_operator(chile, name="ana")


@pytest.fixture
def make(chile: Company) -> Callable[..., list[int]]:
    """Makes concentrators, a day before SINCE, and returns their keys."""

    def make(*serials: str, **values: Any) -> list[int]:
        with time_machine.travel(SINCE - timedelta(days=1), tick=False):
            made = [ConcentratorFactory.create(company=chile, serial_number=serial, **values) for serial in serials]
        return [one.pk for one in made]

    return make


def of(*serials: str) -> Any:
    return Concentrator.objects.filter(serial_number__in=serials)


def told(dialog: Element) -> list[list[str]]:
    """Of each kind its sentence and its lines."""
    return [[text(part) for part in (block[0], *block[1])] for block in with_class(dialog, "meanwhile")]


def chosen(profile: SpontaneousProfile, **choice: Any) -> dict[str, Any]:
    return {"profile": profile.pk, "since": SINCE.isoformat(), **choice}


def test_what_was_ticked_and_can_no_longer_be_installed_is_named_and_the_rest_asked_about(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    keys = make("A1", "A2", "A3")
    install(of("A1"), profile, user=ana, now=LATER)
    dialog = ask(client, "installation", **chosen(profile, concentrator=keys))
    assert told(dialog) == [[LEFT_OUT.format(1, "has", "is"), f"A1: in field, “Ten”, by ana, {AT}"]]
    assert questions(dialog) == ["Install 2 concentrators with profile “Ten”?"]
    assert [text(one) for one in with_class(dialog, "serials")[0]] == ["A2", "A3"]
    confirm(client, "installation", 2, **chosen(profile, concentrator=keys))
    assert [row.serial_number for row in Concentrator.history.filter(history_type="~", history_user=ana)] == ["A1"]


@pytest.mark.parametrize("choice", [{"all": ""}, {"all": ["A", "a1"]}])
def test_so_is_what_matched_a_search(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile, choice: dict[str, Any]
) -> None:
    make("A1", "A2")
    install(of("A1"), profile, user=ana, now=LATER)
    dialog = ask(client, "installation", **chosen(profile, **choice))
    assert told(dialog) == [[LEFT_OUT.format(1, "has", "is"), f"A1: in field, “Ten”, by ana, {AT}"]]
    assert questions(dialog) == ["Install 1 concentrator with profile “Ten”?"]


def test_what_could_not_be_chosen_before_either_is_not_named(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    make("A1", "A2")
    make("A3", in_field=True)
    install(of("A1"), profile, user=ana, now=SINCE - timedelta(minutes=1))
    modify(of("A3"), profile, user=ana, now=LATER)
    assert told(ask(client, "installation", **chosen(profile, all=""))) == []


def test_if_all_are_gone_they_are_named_and_nothing_is_asked(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    keys = make("A1", "A2", in_field=True)
    remove(of("A1", "A2"), user=ana, now=LATER)
    dialog = ask(client, "removal", **chosen(profile, concentrator=keys))
    assert alerts(dialog) == [CHANGED_BY_ANOTHER]
    assert told(dialog) == [
        [LEFT_OUT.format(2, "have", "are"), f"A1: removed, by ana, {AT}", f"A2: removed, by ana, {AT}"]
    ]
    assert questions(dialog) == []


def test_without_a_time_what_was_ticked_is_named_all_the_same(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    keys = make("A1", "A2")
    install(of("A1"), profile, user=None, now=LATER)
    dialog = ask(client, "installation", concentrator=keys, profile=profile.pk)
    assert told(dialog) == [[LEFT_OUT.format(1, "has", "is"), f"A1: in field, “Ten”, by the system, {AT}"]]


def test_what_still_takes_part_although_it_was_changed_is_named_with_what_it_is_now(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    make("A1", "A2", in_field=True)
    other = SpontaneousProfileFactory.create(name="Other")
    modify(of("A1"), other, user=ana, now=LATER)
    dialog = ask(client, "modification", **chosen(profile, all="A"))
    assert told(dialog) == [
        ["1 of those selected has been changed meanwhile and still takes part:", f"A1: in field, “Other”, by ana, {AT}"]
    ]
    assert questions(dialog) == ["Give 2 concentrators the profile “Ten”?"]


def test_what_has_come_back_since_is_named(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    make("A1", in_field=True)
    remove(of("A1"), user=ana, now=SINCE - timedelta(minutes=1))
    make_available(of("A1"), user=ana, now=LATER)
    ((_sentence, line),) = told(ask(client, "installation", **chosen(profile, all="A")))
    assert line == f"A1: available, by ana, {AT}"


def test_twenty_are_named_and_the_rest_counted_by_few_queries(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    serials = [f"A{number:02}" for number in range(22)]
    keys = make(*serials, "B1")
    install(of(*serials), profile, user=ana, now=LATER)
    with CaptureQueriesContext(connection) as captured:
        dialog = ask(client, "installation", **chosen(profile, concentrator=keys))
    assert len(captured) < 10
    ((sentence, *lines),) = told(dialog)
    assert sentence == LEFT_OUT.format(22, "have", "are")
    assert [line.partition(":")[0] for line in lines] == [*serials[:20], "and 2 more"]


def test_nothing_of_another_company_is_named(client: Client, ana: User, profile: SpontaneousProfile) -> None:
    strange = ConcentratorFactory.create(serial_number="STRANGE")
    install(of("STRANGE"), profile, user=ana, now=LATER)
    for choice in ({"concentrator": [strange.pk]}, {"all": ""}, {"all": "STRANGE"}):
        dialog = ask(client, "installation", **chosen(profile, **choice))
        assert told(dialog) == []
        assert "STRANGE" not in text(dialog)


def test_the_table_behind_is_asked_for_anew(
    client: Client, ana: User, make: Callable[..., list[int]], profile: SpontaneousProfile
) -> None:
    keys = make("A1", "A2")
    fields = chosen(profile, concentrator=keys)
    assert "HX-Trigger" not in client.post("/concentrators/installation/", fields, headers={"HX-Request": "true"})
    install(of("A1"), profile, user=ana, now=LATER)
    answer = client.post("/concentrators/installation/", fields, headers={"HX-Request": "true"})
    assert "selection:stale" in answer["HX-Trigger"]
    done = confirm(client, "installation", 1, **fields)
    assert "selection:done" in done["HX-Trigger"]
