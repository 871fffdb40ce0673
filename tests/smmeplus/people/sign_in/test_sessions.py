"""Sessions end when nobody uses them, are listed, and cannot be read out of the database (ACC-2)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from concentrators.models import Company
from smmeplus.models import Session
from smmeplus.people.sessions.browsers import browser_in_words
from smmeplus.people.sessions.marking import sessions_of
from tests.smmeplus.kept.browsers import ADD, GO_ON, TYPED
from tests.smmeplus.people.sign_in.entering import (
    ACCOUNT,
    PASSWORD,
    code_of,
    enter,
    send_code,
    with_app,
    with_password,
)
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

BY_ITSELF = {"X-By-Itself": "true"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def viewer(chile: Company) -> User:
    return with_password(make_viewer(chile))


def after(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def is_in(client: Client, **headers: str) -> bool:
    return client.get(ACCOUNT, headers=headers or None).status_code == 200


def test_it_ends_after_half_an_hour_without_use(viewer: User) -> None:
    client = client_of(viewer)
    with after(29):
        assert is_in(client)
    with after(58):
        assert is_in(client)
    with after(89):
        assert not is_in(client)


def test_what_a_page_asks_for_by_itself_is_no_use(viewer: User) -> None:
    client = client_of(viewer)
    for minutes in (10, 20, 29):
        with after(minutes):
            assert client.get(ACCOUNT, headers=BY_ITSELF).status_code == 200
    with after(31):
        assert client.get(ACCOUNT, headers=BY_ITSELF).status_code == 302


def test_it_ends_twelve_hours_after_the_sign_in_however_much_it_is_used(viewer: User, settings: Settings) -> None:
    client = client_of(viewer)
    for minutes in range(20, 12 * 60, 20):
        with after(minutes):
            assert is_in(client)
            if minutes == 600:
                client.post(reverse("set_language"), {"language": "es"})
                session = client.session
                session["typed"] = "something"
                session.save()
    with after(12 * 60 + 1):
        assert not is_in(client)


def test_a_setting_of_none_leaves_the_twelve_hours(viewer: User, settings: Settings) -> None:
    settings.SESSION_IDLE_MINUTES = 0
    client = client_of(viewer)
    with after(11 * 60):
        assert is_in(client)
    with after(12 * 60 + 1):
        assert not is_in(client)


def test_a_use_is_written_once_a_minute(viewer: User) -> None:
    client = client_of(viewer)
    first = Session.objects.get().used_at
    with after(0.5):
        is_in(client)
    assert Session.objects.get().used_at == first
    with after(2):
        is_in(client)
    assert Session.objects.get().used_at > first


def test_a_browser_that_was_nobodys_for_an_hour_is_not_idle_when_somebody_signs_in(viewer: User) -> None:
    client = Client()
    session = client.session
    session["kept-too-large"] = True
    session.save()
    with after(60):
        enter(viewer, client=client)
        assert is_in(client)


def test_a_form_that_was_typed_until_after_the_end_goes_on_behind_the_second_factor(chile: Company) -> None:
    operator = with_password(make_operator(chile))
    key, _ = with_app(operator)
    client = client_of(operator)
    client.get(ADD)
    with after(31):
        answer = client.post(ADD, TYPED, headers={"Referer": f"http://testserver{ADD}"})
        assert answer["Location"].startswith(reverse("login"))
        enter(operator, client=client, next=ADD)
        assert send_code(client, code_of(key))["Location"] == GO_ON
        assert "Typed with care" in client.get(GO_ON).content.decode()


def test_its_key_is_not_in_the_database_and_what_is_there_is_no_key(viewer: User) -> None:
    client = client_of(viewer)
    key = client.cookies["sessionid"].value
    row = Session.objects.get()
    assert key not in str([getattr(row, field.name) for field in row._meta.fields])
    client.cookies["sessionid"] = row.session_key
    assert not is_in(client)
    client.cookies["sessionid"] = key
    assert is_in(client)


def test_signing_in_gives_a_new_key_and_signing_out_deletes_it(viewer: User) -> None:
    client = Client()
    session = client.session
    session["a"] = 1
    session.save()
    before = session.session_key
    enter(viewer, client=client)
    after_it = client.cookies["sessionid"].value
    assert after_it != before
    client.post(reverse("logout"))
    assert not Session.objects.filter(user=viewer).exists()
    client.cookies["sessionid"] = after_it
    assert not is_in(client)


def test_the_own_page_lists_all_with_address_and_browser(viewer: User) -> None:
    here, elsewhere = Client(REMOTE_ADDR="10.1.1.1"), Client(REMOTE_ADDR="2001:db8::7")
    enter(viewer, client=here)
    elsewhere.post(reverse("login"), {"username": "viewer", "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    page = here.get(ACCOUNT).content.decode()
    assert "10.1.1.1" in page
    assert "2001:db8::7" in page
    assert "Firefox, Linux" in page
    assert page.count('name="session"') == 1


def test_only_own_ones_are_listed_and_ended(viewer: User, chile: Company) -> None:
    other = make_viewer(chile, name="other")
    client, theirs = client_of(viewer), client_of(other)
    shown = sessions_of(other)[0].id
    assert shown not in client.get(ACCOUNT).content.decode()
    client.post(reverse("end-session"), {"session": shown})
    client.post(reverse("end-other-sessions"))
    assert is_in(theirs)


def test_one_is_ended_or_all_others(viewer: User) -> None:
    client, second, third = client_of(viewer), client_of(viewer), client_of(viewer)
    page = client.get(ACCOUNT).content.decode()
    ids = re.findall(r'name="session" value="(\w+)"', page)
    assert len(ids) == 2
    client.post(reverse("end-session"), {"session": ids[0]})
    assert [is_in(client), is_in(second) + is_in(third)] == [True, 1]
    client.post(reverse("end-other-sessions"))
    assert [is_in(client), is_in(second), is_in(third)] == [True, False, False]


@pytest.mark.parametrize("shown", ["", "0", "%" * 16, "_" * 16, "\0" * 16, "x" * 64])
def test_what_names_no_session_ends_none(viewer: User, shown: str) -> None:
    client, other = client_of(viewer), client_of(viewer)
    assert client.post(reverse("end-session"), {"session": shown}).status_code == 302
    assert is_in(client)
    assert is_in(other)


def test_one_that_has_ended_is_not_listed(viewer: User) -> None:
    client_of(viewer)
    with after(31):
        assert not sessions_of(viewer)
        client_of(viewer)
        assert [one.used_at for one in sessions_of(viewer)] == [timezone.now()]
    with after(13 * 60):
        client_of(viewer)
        assert Session.objects.count() == 1  # the others are deleted, too


def test_the_list_says_since_when(viewer: User) -> None:
    client_of(viewer)
    (one,) = sessions_of(viewer)
    assert isinstance(one.since, datetime)
    assert one.since <= one.used_at


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", "curl"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_a_browser_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words
