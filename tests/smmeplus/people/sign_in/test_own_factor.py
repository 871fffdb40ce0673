"""*My account*: setting a second factor up, new recovery codes, taking it away (ACC-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken

from concentrators.models import Company
from smmeplus.people.second_factor.codes import has_one
from smmeplus.people.second_factor.sealing import hashed
from tests.smmeplus.people.sign_in.entering import (
    ACCOUNT,
    PASSWORD,
    code_of,
    codes_on,
    enter,
    key_on,
    send_code,
    with_app,
    with_password,
)
from tests.smmeplus.people.test_security_log import Lines, lines  # noqa: F401 - a fixture
from tests.smmeplus.users import client_of, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def middle_of_a_step() -> Iterator[None]:
    """No test crosses the border between two codes by chance: the clock stands still."""
    with time_machine.travel(timezone.now().replace(second=10), tick=False):
        yield


@pytest.fixture
def viewer(chile: Company) -> User:
    return with_password(make_viewer(chile))


def on_account(client: Client, view: str, password: str = PASSWORD, code: str = "") -> int:
    return client.post(reverse(view), {"password": password, "one_time_code": code}).status_code


def test_on_the_own_page_it_is_set_up_with_the_password(viewer: User) -> None:
    client = client_of(viewer)
    key = key_on(client.get(reverse("set-up-second-factor")))
    assert on_account(client, "set-up-second-factor", "wrong", code_of(key)) == 200
    assert not has_one(viewer)
    page = client.post(reverse("set-up-second-factor"), {"password": PASSWORD, "one_time_code": code_of(key)})
    assert len(codes_on(page)) == 10
    assert has_one(viewer)
    assert client.get(reverse("set-up-second-factor"))["Location"] == ACCOUNT


@pytest.mark.parametrize("view", ["recovery-codes", "remove-second-factor"])
def test_changing_it_needs_password_and_code(viewer: User, view: str) -> None:
    key, codes = with_app(viewer)
    client = client_of(viewer)
    assert on_account(client, view, "wrong", code_of(key)) == 200
    assert on_account(client, view, PASSWORD, "000000") == 200
    assert (has_one(viewer), StaticToken.objects.filter(token=hashed(codes[0].replace("-", ""))).exists()) == (
        True,
        True,
    )
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        assert on_account(client, view, PASSWORD, code_of(key)) in (200, 302)
    assert not StaticToken.objects.filter(token=hashed(codes[0].replace("-", ""))).exists()
    assert has_one(viewer) == (view == "recovery-codes")


def test_a_found_session_guesses_no_password_there(viewer: User) -> None:
    with_app(viewer)
    client = client_of(viewer)
    for _ in range(10):
        status = on_account(client, "remove-second-factor", "wrong", "000000")
    assert status == 429
    assert on_account(client, "remove-second-factor") == 429


def test_the_security_log_tells_of_it_without_secrets(viewer: User, lines: Lines) -> None:  # noqa: F811
    client = client_of(viewer)
    key = key_on(client.get(reverse("set-up-second-factor")))
    page = client.post(reverse("set-up-second-factor"), {"password": PASSWORD, "one_time_code": code_of(key)})
    recovery = codes_on(page)
    entering = Client()
    enter(viewer, client=entering)
    send_code(entering, "000000")
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        send_code(entering, recovery[0])
        assert on_account(client, "recovery-codes", PASSWORD, recovery[1]) == 200
    call_command("resetsecondfactor", "viewer")
    assert lines.of("second factor set up")["user"] == "viewer"
    assert lines.of("sign-in failed")["wrong"] == "code"
    assert lines.found[-3]["method"] == "recovery code"
    assert lines.of("recovery codes made")["user"] == "viewer"
    assert lines.of("second factor reset")["of"] == "viewer"
    told = str(lines.found)
    assert not [secret for secret in (*recovery, key.hex(), code_of(key), PASSWORD) if secret in told]
