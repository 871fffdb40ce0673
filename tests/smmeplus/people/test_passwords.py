"""Everybody changes their own password, which is not one that is guessed soon (ACC-2)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from concentrators.models import Company
from tests.smmeplus.users import client_of, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OLD, NEW = "an old one of mine", "quite another one"


@pytest.fixture
def viewer(chile: Company) -> User:
    user = make_viewer(chile)
    user.set_password(OLD)
    user.save()
    return user


def change(client: Client, old: str = OLD, new: str = NEW) -> int:
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("password"), sent).status_code


def test_a_viewer_changes_their_own_and_stays_signed_in_here_alone(viewer: User) -> None:
    client, elsewhere = client_of(viewer), client_of(viewer)
    assert change(client) == 302
    viewer.refresh_from_db()
    assert viewer.check_password(NEW)
    assert client.get(reverse("tokens")).status_code == 200
    assert elsewhere.get(reverse("tokens")).status_code == 302


def test_the_page_is_reached_from_the_name_in_the_header(viewer: User) -> None:
    assert reverse("password") in client_of(viewer).get(reverse("tokens")).content.decode()
    assert "at least 12 characters" in client_of(viewer).get(reverse("password")).content.decode()


def test_tokens_end_with_the_old_password_and_those_of_others_do_not(viewer: User, administrator: User) -> None:
    AuthToken.objects.create(viewer)
    AuthToken.objects.create(administrator)
    assert change(client_of(viewer)) == 302
    assert [token.user for token in AuthToken.objects.all()] == [administrator]


def test_a_wrong_old_one_changes_nothing(viewer: User) -> None:
    AuthToken.objects.create(viewer)
    assert change(client_of(viewer), old="wrong") == 200
    viewer.refresh_from_db()
    assert viewer.check_password(OLD)
    assert AuthToken.objects.count() == 1


GUESSABLE = (
    "Chile2026",
    "Chile2026!!!!!",
    "smmeplus1234!",
    "SMMePlus-Chile-1",
    "elevenchars",
    "viewer123456",
    "1" * 12,
)


@pytest.mark.parametrize("password", GUESSABLE)
def test_what_is_guessed_soon_is_refused(viewer: User, password: str) -> None:
    assert change(client_of(viewer), new=password) == 200
    viewer.refresh_from_db()
    assert viewer.check_password(OLD)


@pytest.mark.parametrize("password", ["Chile and a lamp post", "four words of mine", "x7!kQ2#mZ9pL"])
def test_what_has_words_of_its_own_is_taken(viewer: User, password: str) -> None:
    validate_password(password, viewer)


def test_the_refusal_says_what_is_right() -> None:
    Company.objects.create(name="Ñuble")
    with pytest.raises(ValidationError, match="add words of your own"):
        validate_password("ÑUBLE-2026-06")
