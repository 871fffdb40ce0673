"""Two operators who confirm choices of the same concentrators at the same moment (CON-3, UI-7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from concentrators.models import Company, Concentrator, State
from tests.concentrators.procedures.choices import ask, confirm
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, parse
from tests.smmeplus.users import client_of, make_operator

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = 30


def at_once(*confirmations: Callable[[], Any]) -> list[Any]:
    """The answers, begun together, each with a connection of its own."""
    start = threading.Barrier(len(confirmations))

    def run(confirmation: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return confirmation()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(confirmations)) as threads:
        return list(threads.map(run, confirmations))


def asked_by(client: Client, view: str, **choice: Any) -> dict[str, Any]:
    """The choice, with the seal of the question."""
    return choice | {"seal": field(ask(client, view, **choice), "seal").get("value")}


@pytest.fixture
def operators(chile: Company) -> list[Client]:
    for number in range(NUMBER):
        ConcentratorFactory.create(company=chile, serial_number=f"A{number:02}", manufacturer="")
    return [client_of(make_operator(chile, name=name)) for name in ("ana", "ben")]


@pytest.mark.parametrize("second", [{"all": ["A", "0"]}, {"all": ["9", ""]}])
def test_of_two_who_install_the_same_searches_one_does_and_the_other_is_told(
    operators: list[Client], second: dict[str, Any]
) -> None:
    ana, ben = operators
    profiles = SpontaneousProfileFactory.create_batch(2)
    of_ana = asked_by(ana, "installation", all=["A"], profile=profiles[0].pk)
    of_ben = asked_by(ben, "installation", profile=profiles[1].pk, **second)
    answers = at_once(
        lambda: confirm(ana, "installation", NUMBER, **of_ana),
        lambda: confirm(ben, "installation", NUMBER, **of_ben),
    )
    done = ["HX-Redirect" in answer for answer in answers]
    assert sorted(done) == [False, True]
    winner, refused = profiles[done.index(True)], answers[done.index(False)]
    assert set(Concentrator.objects.values_list("state", "profile")) == {(State.IN_FIELD, winner.pk)}
    assert Concentrator.history.filter(history_type="~").count() == NUMBER
    assert len(alerts(parse(refused))) == 1


def test_of_two_who_overlap_each_is_changed_once(operators: list[Client]) -> None:
    ana, ben = operators
    profile = SpontaneousProfileFactory.create()
    of_ana = asked_by(ana, "installation", all=["A0", "A1"], profile=profile.pk)
    of_ben = asked_by(ben, "installation", all=["A1", "A2"], profile=profile.pk)
    answers = at_once(
        lambda: confirm(ana, "installation", 20, **of_ana),
        lambda: confirm(ben, "installation", 20, **of_ben),
    )
    assert sorted("HX-Redirect" in answer for answer in answers) == [False, True]
    changes = list(Concentrator.history.filter(history_type="~").values_list("serial_number", flat=True))
    assert len(changes) == len(set(changes)) == 20


def test_a_modification_that_crosses_another_one_is_asked_anew(operators: list[Client]) -> None:
    ana, ben = operators
    old, first, second = SpontaneousProfileFactory.create_batch(3)
    confirm(ana, "installation", NUMBER, all="", profile=old.pk)
    of_ben = asked_by(ben, "modification", all="A", profile=second.pk)
    assert "HX-Redirect" in confirm(ana, "modification", 1, all="A00", profile=first.pk)
    answer = confirm(ben, "modification", NUMBER, **of_ben)
    assert "HX-Redirect" not in answer
    assert Concentrator.objects.get(serial_number="A00").profile == first
