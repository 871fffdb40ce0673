"""Who guesses passwords is slowed, and nobody else (ACC-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from smmeplus.sign_in import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TOO_MANY = 429
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


def sign_in(password: str, name: str = "administrator", address: str = HERE) -> HttpResponse:
    data = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("login"), data)  # type: ignore[return-value]


def guess(times: int, name: str = "administrator") -> HttpResponse:
    for _ in range(times):
        response = sign_in("wrong", name)
    return response


def test_the_tenth_wrong_password_locks_out_and_says_for_how_long(administrator: User) -> None:
    assert guess(9).status_code == 200
    locked = guess(1)
    assert locked.status_code == TOO_MANY
    assert "in 15 minutes" in locked.content.decode()
    assert sign_in("administrator").status_code == TOO_MANY


def test_nobody_is_locked_out_by_a_guesser_elsewhere_or_of_another_name(administrator: User) -> None:
    guess(10)
    assert sign_in("administrator", address=ELSEWHERE).status_code == 302
    guess(10, name="nobody")
    User.objects.create_user("operator", password="operator")
    assert sign_in("operator", name="operator").status_code == 302


def test_a_name_that_does_not_exist_is_locked_like_one_that_does() -> None:
    assert guess(10, name="nobody").status_code == TOO_MANY


def test_the_right_password_clears_the_wrong_ones(administrator: User) -> None:
    guess(9)
    assert sign_in("administrator").status_code == 302
    assert guess(9).status_code == 200


def test_after_a_quarter_of_an_hour_it_is_over_however_often_was_guessed_meanwhile(administrator: User) -> None:
    guess(12)
    with time_machine.travel(timezone.now() + timedelta(minutes=14, seconds=50), tick=False):
        assert sign_in("administrator").status_code == TOO_MANY
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=10), tick=False):
        assert sign_in("administrator").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.1", HERE),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (2, "6.6.6.6, 192.0.2.1, 10.9.9.9", "192.0.2.1"),
        (2, "192.0.2.1", HERE),
        (1, "", HERE),
    ],
)
def test_the_address_is_what_our_own_proxies_say(
    proxies: int, forwarded: str, address: str, settings: Settings
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=HERE)
    assert address_of(request) == address


def test_a_name_longer_than_any_is_refused_like_a_wrong_one() -> None:
    response = sign_in("wrong", name="a" * 5_000)
    assert response.status_code == 200
    assert "do not match" in response.content.decode()


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4:80", "1.2.3.4"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("abc", HERE),
        ("1.2.3.4.5", HERE),
        ("", HERE),
    ],
)
def test_of_what_a_proxy_wrote_only_an_address_is_used(settings: Settings, forwarded: str, address: str) -> None:
    settings.PROXIES = 1
    request = RequestFactory(REMOTE_ADDR=HERE).get("/", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == address


def test_signing_out_clears_what_back_would_show(administrator: User) -> None:
    client = Client()
    client.force_login(administrator)
    assert client.post(reverse("logout"))["Clear-Site-Data"] == '"cache"'
