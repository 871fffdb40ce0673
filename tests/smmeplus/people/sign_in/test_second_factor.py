"""After the password a code of an app, or one on paper; before it nobody is in (ACC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from pytest_django.fixtures import Settings

from concentrators.models import Company
from smmeplus.models import Authenticator
from smmeplus.people.second_factor.codes import has_one, is_right
from smmeplus.people.second_factor.sealing import SealError, hashed, opened, sealed
from tests.smmeplus.people.sign_in.entering import (
    ACCOUNT,
    CODE,
    SET_UP,
    code_of,
    codes_on,
    enter,
    is_in,
    key_on,
    send_code,
    with_app,
    with_password,
)
from tests.smmeplus.users import client_of, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PAGES = ["overview:page", "reports:in-field", "tokens", "account", "admin:index"]


@pytest.fixture(autouse=True)
def middle_of_a_step() -> Iterator[None]:
    """No test crosses the border between two codes by chance: the clock stands still."""
    with time_machine.travel(timezone.now().replace(second=10), tick=False):
        yield


@pytest.fixture
def viewer(chile: Company) -> User:
    return with_password(make_viewer(chile))


@pytest.fixture
def staff(chile: Company) -> User:
    return with_password(make_user("staff", chile, is_staff=True))


def test_the_code_comes_after_the_password_and_before_any_page(viewer: User) -> None:
    key, _ = with_app(viewer)
    client = Client()
    assert enter(viewer, client=client, next="/reports/in-field/")["Location"] == CODE
    assert not is_in(client)
    for page in PAGES:
        assert client.get(reverse(page)).status_code == 302, page
    assert client.get("/api/v1/concentrators/").status_code == 401
    assert client.get("/reports/in-field/?export=csv").status_code == 302
    assert client.post(reverse("tokens"), {"days": 30}).status_code == 302
    assert send_code(client, code_of(key))["Location"] == "/reports/in-field/"
    assert is_in(client)
    assert client.get(CODE)["Location"] == "/"


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (0, True), (1, True), (2, False), (100, False)])
def test_a_code_holds_for_its_half_minute_and_those_beside_it(viewer: User, steps: int, is_good: bool) -> None:
    key, _ = with_app(viewer)
    assert bool(is_right(viewer, code_of(key, steps))) == is_good


def test_a_code_that_was_used_holds_no_more_nor_does_one_before_it(viewer: User) -> None:
    key, _ = with_app(viewer)
    assert is_right(viewer, code_of(key, 0))
    assert not is_right(viewer, code_of(key, 0))
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert not is_right(viewer, code_of(key, -1))


def test_the_code_with_which_the_app_was_set_up_does_not_let_in(viewer: User) -> None:
    key, _ = with_app(viewer)
    assert not is_right(viewer, code_of(key, -1))


def test_a_recovery_code_lets_in_once_however_it_is_typed(viewer: User) -> None:
    _, codes = with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    assert send_code(client, codes[0].upper().replace("-", " ")).status_code == 302
    assert is_in(client)
    assert not is_right(viewer, codes[0])
    assert StaticToken.objects.count() == len(codes) - 1


@pytest.mark.parametrize(
    "typed",
    ["", "000000", "12345", "1234567", "\uff11\uff12\uff13\uff14\uff15\uff16", "-12345", "x" * 40, "\0", "' or 1=1 --"],
)
def test_anything_else_is_refused(viewer: User, typed: str) -> None:
    with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    response = send_code(client, typed)
    assert response.status_code == 200
    assert not is_in(client)


def test_the_code_of_another_user_is_refused(viewer: User, staff: User) -> None:
    key, codes = with_app(staff)
    with_app(viewer)
    assert not is_right(viewer, code_of(key))
    with time_machine.travel(timezone.now() + timedelta(seconds=2), tick=False):
        assert not is_right(viewer, codes[0])


def test_after_wrong_codes_a_right_one_has_to_wait_longer_and_longer(viewer: User) -> None:
    key, _ = with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    send_code(client, "000000")
    waits = send_code(client, code_of(key))
    assert "try again in" in waits.content.decode()
    assert not is_in(client)
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False):
        assert send_code(client, code_of(key)).status_code == 302


def test_wrong_codes_are_guesses_like_wrong_passwords(viewer: User) -> None:
    with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    began = timezone.now()
    for second in range(10):
        with time_machine.travel(began + timedelta(seconds=2**second), tick=False):
            response = send_code(client, "000000")
    assert response.status_code == 429
    assert enter(viewer).status_code == 429


def test_a_sign_in_that_has_begun_ends_after_ten_minutes(viewer: User) -> None:
    key, _ = with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert send_code(client, code_of(key))["Location"].startswith(reverse("login"))
    assert not is_in(client)


def test_a_step_that_is_sent_from_an_old_page_is_kept_nowhere(viewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    client.get(ACCOUNT)  # so that the browser is known to be theirs
    del client.cookies["sessionid"]
    headers = {"Origin": "http://testserver", "Referer": f"http://testserver{CODE}"}
    answer = client.post(CODE, {"one_time_code": "123456", "csrfmiddlewaretoken": "old"}, headers=headers)
    assert answer["Location"] == reverse("login", query={"next": CODE})
    assert "sessionid" not in client.cookies  # in which what was kept would have its place


@pytest.mark.parametrize("change", ["password", "disabled", "removed"])
def test_what_happens_to_the_account_meanwhile_ends_it(viewer: User, change: str) -> None:
    key, _ = with_app(viewer)
    client = Client()
    enter(viewer, client=client)
    if change == "password":
        viewer.set_password("another one of mine")
        viewer.save()
    elif change == "disabled":
        User.objects.update(is_active=False)
    else:
        viewer.delete()
    assert send_code(client, code_of(key))["Location"].startswith(reverse("login"))
    assert not is_in(client)


@pytest.mark.parametrize(
    ("policy", "who", "is_asked"),
    [
        ("none", "staff", False),
        ("staff", "staff", True),
        ("staff", "viewer", False),
        ("staff", "superuser", True),
        ("all", "viewer", True),
    ],
)
def test_whose_setting_demands_one(settings: Settings, chile: Company, policy: str, who: str, is_asked: bool) -> None:
    settings.SECOND_FACTOR = policy
    user = make_user(who, chile, is_staff=who == "staff")
    user.is_superuser = who == "superuser"
    client = Client()
    assert (enter(with_password(user), client=client)["Location"] == SET_UP) == is_asked
    assert is_in(client) == (not is_asked)


def test_who_must_and_has_none_sets_it_up_and_is_in_with_recovery_codes(settings: Settings, staff: User) -> None:
    settings.SECOND_FACTOR = "staff"
    client = Client()
    enter(staff, client=client, next="/account/")
    page = client.get(SET_UP)
    assert "data:image/svg+xml" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert client.get(reverse("admin:index")).status_code == 302
    key = key_on(page)
    assert client.post(SET_UP, {"one_time_code": "000000"}).status_code == 200
    assert key_on(client.get(SET_UP)) == key
    shown = client.post(SET_UP, {"one_time_code": code_of(key)})
    assert len(set(codes_on(shown))) == 10
    assert 'href="/account/"' in shown.content.decode()
    assert is_in(client)
    assert client.get(ACCOUNT).status_code == 200
    assert not codes_on(client.get(ACCOUNT))
    assert is_right(staff, codes_on(shown)[9])


def test_a_session_of_before_the_setting_is_nobodys(settings: Settings, staff: User) -> None:
    client = client_of(staff)
    assert client.get(ACCOUNT).status_code == 200
    settings.SECOND_FACTOR = "staff"
    for page in PAGES:
        assert client.get(reverse(page)).status_code == 302, page
    assert client.get("/api/v1/concentrators/").status_code == 401
    assert enter(staff, client=client)["Location"] == SET_UP


def test_nothing_of_it_lies_in_clear_in_the_database(viewer: User) -> None:
    key, codes = with_app(viewer)
    stored = Authenticator.objects.get().key
    assert key.hex() not in stored
    assert opened(stored) == key
    tokens = set(StaticToken.objects.values_list("token", flat=True))
    plain = codes[0].replace("-", "")
    assert hashed(plain) in tokens
    assert plain not in tokens


def test_a_former_secret_key_opens_what_it_has_sealed_and_another_does_not(settings: Settings) -> None:
    stored = sealed(b"a key")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another one, which is as long as a real one"
    with pytest.raises(SealError):
        opened(stored)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert opened(stored) == b"a key"


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", sealed(b"1")[:-4]])
def test_what_is_not_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(SealError):
        opened(text)


def test_under_another_secret_key_a_code_is_refused_and_nothing_fails(settings: Settings, viewer: User) -> None:
    key, _ = with_app(viewer)
    settings.SECRET_KEY = "another one, which is as long as a real one"
    assert is_right(viewer, code_of(key)) is None


def test_the_command_takes_away_that_of_a_lost_phone(staff: User) -> None:
    with_app(staff)
    call_command("resetsecondfactor", "staff")
    assert not has_one(staff)
    with pytest.raises(CommandError, match="nobody"):
        call_command("resetsecondfactor", "nobody")
    with pytest.raises(CommandError, match="has none"):
        call_command("resetsecondfactor", "staff")
