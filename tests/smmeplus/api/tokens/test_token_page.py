"""The page on which users make and revoke their own tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from smmeplus.api.tokens import DAYS, MOST_TOKENS
from tests.smmeplus.api.asking import Api
from tests.smmeplus.translation.markup import parse, rows, text, with_class

pytestmark = pytest.mark.one_database

PAGE, REVOKE = "/tokens/", "/tokens/revoke/"


def test_a_new_token_works_and_is_shown_once(client: Client) -> None:
    response = client.post(PAGE, {"days": "30"})
    token = text(with_class(parse(response), "text-break")[0])
    assert "no-store" in response["Cache-Control"]
    assert len(Api(token=token).rows("companies/")) == 1
    again = client.get(PAGE).content.decode()
    assert token not in again
    assert token[:15] in again


@pytest.mark.parametrize("days", DAYS)
def test_a_token_ends_after_the_days_chosen(client: Client, days: int) -> None:
    client.post(PAGE, {"days": str(days)})
    left = AuthToken.objects.get().expiry - timezone.now()
    assert timedelta(days=days, minutes=-1) < left <= timedelta(days=days)


@pytest.mark.parametrize("days", ["", "0", "-1", "366", "x", "\0"])
def test_other_days_make_no_token(client: Client, days: str) -> None:
    assert client.post(PAGE, {"days": days}).status_code == 200
    assert not AuthToken.objects.exists()


def test_a_user_has_a_bounded_number_of_tokens(client: Client, operator: User) -> None:
    for _ in range(MOST_TOKENS):
        AuthToken.objects.create(operator)
    assert "revoke one first" in client.post(PAGE, {"days": "30"}).content.decode()
    assert AuthToken.objects.count() == MOST_TOKENS


def test_a_revoked_token_is_gone(client: Client) -> None:
    token = text(with_class(parse(client.post(PAGE, {"days": "30"})), "text-break")[0])
    response = client.post(REVOKE, {"token": AuthToken.objects.get().pk}, follow=True)
    assert "The token was revoked." in response.content.decode()
    assert Api(token=token).ask("companies/").status_code == 401


@pytest.mark.parametrize("key", ["", "\0", "x", "9" * 5000])
def test_what_is_no_token_revokes_nothing(client: Client, operator: User, key: str) -> None:
    AuthToken.objects.create(operator)
    assert client.post(REVOKE, {"token": key}).status_code == 302
    assert AuthToken.objects.count() == 1


def test_tokens_of_others_are_neither_shown_nor_revoked(client: Client, administrator: User) -> None:
    theirs, token = AuthToken.objects.create(administrator)
    assert token[:15] not in client.get(PAGE).content.decode()
    client.post(REVOKE, {"token": theirs.pk})
    assert AuthToken.objects.filter(pk=theirs.pk).exists()


def test_a_token_that_has_ended_is_not_listed(client: Client, operator: User) -> None:
    AuthToken.objects.create(operator, expiry=timedelta(seconds=-1))
    _never, token = AuthToken.objects.create(operator, expiry=None)
    [row] = rows(parse(client.get(PAGE)))
    assert token[:15] in str(row)
    assert "never" in str(row)


def test_a_token_opens_no_page(api: Api) -> None:
    assert api.client.get(PAGE)["Location"].startswith("/sign-in/")
