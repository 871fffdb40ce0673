"""Guesses are counted by address and by name, beside the lock of both together (ACC-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concentrators.models import Company
from smmeplus.models import Guesses
from smmeplus.people.addresses import source_of
from smmeplus.people.guessing import FREE_OF_NAME, LONGEST_PAUSE_S, MOST_OF_ADDRESS
from tests.smmeplus.people.sign_in.entering import PASSWORD, with_password
from tests.smmeplus.users import client_of, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

HERE = "10.0.0.1"


@pytest.fixture
def viewer(chile: Company) -> User:
    return with_password(make_viewer(chile))


def try_once(name: str, password: str = "wrong", address: str = HERE, client: Client | None = None) -> Any:
    sent = {"username": name, "password": password}
    return (client or Client()).post(reverse("login"), sent, REMOTE_ADDR=address)


def guessed(of: str, failures: int, seconds_ago: float = 0) -> None:
    now = timezone.now()
    Guesses.objects.create(of=of, failures=failures, since=now, last_at=now - timedelta(seconds=seconds_ago))


def test_one_password_for_many_names_from_one_address_is_stopped(viewer: User) -> None:
    answers = [try_once(f"user{n}").status_code for n in range(MOST_OF_ADDRESS + 5)]
    assert answers == [200] * MOST_OF_ADDRESS + [429] * 5
    assert try_once("viewer", PASSWORD).status_code == 429
    assert try_once("viewer", PASSWORD, address="10.0.0.2").status_code == 302


def test_what_is_refused_costs_no_hash_and_says_for_how_long(viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    guessed(f"address {HERE}", MOST_OF_ADDRESS)
    monkeypatch.setattr(MD5PasswordHasher, "encode", None)
    response = try_once("viewer", PASSWORD)
    assert response.status_code == 429
    assert "Try again in 1 h" in response.content.decode()
    assert response["Retry-After"] == "3600"
    assert Guesses.objects.get(of=f"address {HERE}").failures == MOST_OF_ADDRESS


def test_who_is_signed_in_behind_the_same_address_goes_on(viewer: User) -> None:
    client = client_of(viewer)
    guessed(f"address {HERE}", MOST_OF_ADDRESS)
    assert client.get(reverse("account"), REMOTE_ADDR=HERE).status_code == 200


def test_in_the_browser_they_used_last_a_user_signs_in_whoever_guesses(viewer: User, administrator: User) -> None:
    client = client_of(viewer)
    client.get(reverse("account"))
    client.post(reverse("logout"))
    guessed(f"address {HERE}", MOST_OF_ADDRESS)
    guessed("name viewer", 100)
    guessed("name administrator", 100)
    assert try_once("administrator", client=client).status_code == 429
    assert try_once("viewer", PASSWORD, client=client).status_code == 302


def test_an_hour_later_an_address_is_free_again(viewer: User) -> None:
    guessed(f"address {HERE}", MOST_OF_ADDRESS)
    with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=False):
        assert try_once("viewer").status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert try_once("viewer").status_code == 200
        assert Guesses.objects.get(of=f"address {HERE}").failures == 1


def test_the_right_password_frees_the_name_and_not_the_address(viewer: User) -> None:
    try_once("viewer")
    try_once("viewer", PASSWORD)
    assert {row.of: row.failures for row in Guesses.objects.all()} == {f"address {HERE}": 1}


def test_one_name_from_many_addresses_is_slowed_and_never_locked(viewer: User) -> None:
    answers = [try_once("viewer", address=f"10.1.1.{n}").status_code for n in range(FREE_OF_NAME + 4)]
    assert answers == [200] * (FREE_OF_NAME + 1) + [429] * 3
    with time_machine.travel(timezone.now() + timedelta(seconds=2), tick=False):
        assert try_once("viewer", PASSWORD, address="10.1.1.99").status_code == 302


@pytest.mark.parametrize(
    ("failures", "pause"), [(10, 0), (11, 1), (12, 2), (13, 4), (15, 16), (16, LONGEST_PAUSE_S), (10_000, 30)]
)
def test_the_pause_grows_to_half_a_minute(viewer: User, failures: int, pause: int) -> None:
    guessed("name viewer", failures, seconds_ago=max(pause - 0.5, 0))
    assert (try_once("viewer", PASSWORD).status_code == 429) == (pause > 0)
    Guesses.objects.update(last_at=timezone.now() - timedelta(seconds=pause + 1))
    assert try_once("viewer", PASSWORD).status_code == 302


def test_a_name_that_is_nobodys_is_slowed_like_one_that_is_somebodys(viewer: User) -> None:
    guessed("name nobody", 100)
    guessed("name viewer", 100)
    assert [try_once(name).status_code for name in ("nobody", "viewer")] == [429, 429]


def test_what_django_axes_has_refused_is_no_guess(viewer: User) -> None:
    for _ in range(15):
        try_once("viewer")
    assert Guesses.objects.get(of="name viewer").failures == 10


def test_rows_of_an_hour_ago_go(viewer: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=61), tick=False):
        for n in range(5):
            try_once(f"user{n}", address=f"10.1.1.{n}")
    try_once("viewer")
    assert set(Guesses.objects.values_list("of", flat=True)) == {f"address {HERE}", "name viewer"}


@pytest.mark.parametrize("name", ["", "x" * 5_000, "a\0b", "ÿ" * 300, "＠ｄｍｉｎ", "' or 1=1 --"])  # noqa: RUF001 - wide
def test_any_name_is_answered(name: str) -> None:
    assert try_once(name).status_code == 200


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_whom_an_address_stands_for(address: str, source: str) -> None:
    assert source_of(address) == source


def test_the_old_password_on_the_own_page_is_guessed_no_faster(viewer: User) -> None:
    client = client_of(viewer)
    sent = {"old_password": "wrong", "new_password1": "quite another one", "new_password2": "quite another one"}
    answers = [client.post(reverse("password"), sent).status_code for _ in range(12)]
    assert answers == [200] * 9 + [429] * 3
    assert client.post(reverse("password"), sent | {"old_password": PASSWORD}).status_code == 429
