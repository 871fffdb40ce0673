"""The pages of roll-outs: how far they are, why they stand, and who may command them (CFG-4, ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, RollOut
from concentrators.rollouts import views
from profiles.models import SpontaneousProfile
from tests.concentrators.rollouts.fleet import NOW, fail, installed, pass_by
from tests.smmeplus.translation.markup import parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = pytest.mark.one_database


@pytest.fixture
def one(profile: SpontaneousProfile) -> RollOut:
    """Five in two waves, of which the first has halted with two failures of three."""
    installed(5, profile, name="Careful", waves="3, all")
    fail(["R0000", "R0001"], NOW)
    return pass_by(NOW)


@pytest.fixture
def operator(one: RollOut) -> User:
    return make_operator(one.company)


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


def url(one: RollOut, view: str = "page") -> str:
    return reverse(f"rollouts:{view}", args=[one.pk])


def test_the_page_says_how_far_each_wave_is_and_why_it_was_halted(client: Client, one: RollOut) -> None:
    page = parse(client.get(url(one)))
    rows = [[text(cell) for cell in row] for row in page.findall(".//tbody/tr")]
    assert rows == [["1", "3", "0", "1", "0", "2", "0", "0"], ["2 later", "2", "2", "0", "0", "0", "0", "0"]]
    said = text(with_class(page, "alert-danger")[0])
    assert said == "Of the 3 concentrators of wave 1 2 failed. The procedure profile halts above 10 %."
    assert "2 of 5 concentrators have a result." in text(page)
    assert "running → halted" in text(with_class(page, "history")[0])


def test_its_numbers_lead_to_whom_they_count(client: Client, one: RollOut) -> None:
    (link,) = [a for a in parse(client.get(url(one))).iter("a") if "outcome=failed" in a.get("href", "")]
    listed = parse(client.get(link.get("href", "")))
    assert texts(listed, ".//tbody/tr/td[1]") == ["R0000", "R0001"]


def test_it_refreshes_itself_until_nothing_is_waited_for(client: Client, one: RollOut) -> None:
    assert b"every 5s" in client.get(url(one)).content
    RollOut.objects.update(is_settled=True, state="done")
    assert b"every 5s" not in client.get(url(one)).content


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("running", ["Pause", "Retry the failed", "Cancel roll-out"]),
        ("paused", ["Resume", "Retry the failed", "Cancel roll-out"]),
        ("halted", ["Resume", "Retry the failed", "Cancel roll-out"]),
        ("cancelled", []),
        ("done", ["Retry the failed"]),
    ],
)
def test_its_buttons_are_for_operators_and_for_its_state(
    client: Client, one: RollOut, state: str, buttons: list[str]
) -> None:
    RollOut.objects.update(state=state)
    assert texts(parse(client.get(url(one))), ".//div[@class='page-actions']/a") == buttons
    assert "page-actions" not in client_of(make_viewer(one.company)).get(url(one)).content.decode()


def test_without_failures_there_is_nothing_to_retry(client: Client, one: RollOut) -> None:
    one.members.update(outcome="confirmed")
    assert "Retry" not in client.get(url(one)).content.decode()


@pytest.mark.parametrize("view", ["pause", "resume", "retry", "cancel"])
def test_a_viewer_and_a_user_of_another_company_command_nothing(one: RollOut, view: str) -> None:
    other: Company = Company.objects.create(name="Other")
    for user, status in ((make_viewer(one.company), 403), (make_operator(other, name="other"), 404)):
        for method in ("get", "post"):
            assert getattr(client_of(user), method)(url(one, view)).status_code == status
    assert RollOut.objects.get().state == "halted"


def test_a_question_is_asked_and_answered(client: Client, one: RollOut) -> None:
    dialog = client.get(url(one, "resume"), headers={"HX-Request": "true"})
    assert "Go on? If it was halted, only further failures halt it again." in dialog.content.decode()
    done = client.post(url(one, "resume"), headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == url(one)
    assert f"Roll-out {one.pk} goes on." in client.get(url(one)).content.decode()


def test_what_another_operator_has_done_meanwhile_is_said(client: Client, one: RollOut) -> None:
    RollOut.objects.update(state="cancelled")
    refused = client.post(url(one, "resume"))
    assert f"Roll-out {one.pk} is cancelled; this can no longer be done." in refused.content.decode()


def test_to_put_many_back_shows_how_far_it_is(
    client: Client, one: RollOut, monkeypatch: pytest.MonkeyPatch, transactional_db: Any
) -> None:
    monkeypatch.setattr(views, "LONG", 1)
    assert "hx-post" not in client.get(url(one, "cancel")).content.decode().partition("dialog-page")[2]
    page = b"".join(client.post(url(one, "cancel"))).decode()
    assert f"Roll-out {one.pk} is cancelled: 5 concentrators went back to what they were." in page
    assert set(Concentrator.objects.values_list("state", flat=True)) == {"available"}


def test_the_hours_are_said_while_they_keep_it(client: Client, one: RollOut) -> None:
    procedure = one.procedure
    procedure.begin_hour, procedure.end_hour = "22:00", "05:00"
    procedure.save()
    RollOut.objects.update(state="running", is_open=False)
    assert "Writes begin between 22:00 and 05:00" in client.get(url(one)).content.decode()


def test_the_page_takes_few_queries(client: Client, one: RollOut, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(9):
        client.get(url(one))
