"""What administrators do to the sign-in of their users, and what users do with it (ACC-1, ACC-2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from smmeplus.models import Session
from smmeplus.people.second_factor.codes import has_one
from smmeplus.roles import ADMINISTRATOR
from tests.factories import CompanyFactory
from tests.smmeplus.people.sign_in.entering import NEW_PASSWORD, PASSWORD, enter, is_in, with_app, with_password
from tests.smmeplus.users import client_of, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OWN = "quite another one"


@pytest.fixture
def adm(chile: Company) -> User:
    user = make_user("adm", chile, is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return user


@pytest.fixture
def viewer(chile: Company) -> User:
    return with_password(make_viewer(chile))


def post(actor: User, target: User, **sent: Any) -> int:
    said = {
        "username": target.username,
        "groups": [group.pk for group in target.groups.all()],
        "companies": [company.pk for company in target.companies.all()],
        "is_active": "on",
        **sent,
    }
    return client_of(actor).post(reverse("admin:auth_user_change", args=[target.pk]), said).status_code


def set_password(actor: User, target: User) -> int:
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    address = reverse("admin:auth_user_password_change", args=[target.pk])
    return client_of(actor).post(address, sent).status_code


def test_an_administrator_takes_a_lost_second_factor_away_and_ends_the_sessions(adm: User, viewer: User) -> None:
    with_app(viewer)
    client_of(viewer)
    assert (
        "reset_second_factor"
        in client_of(adm).get(reverse("admin:auth_user_change", args=[viewer.pk])).content.decode()
    )
    assert post(adm, viewer) == 302
    assert (has_one(viewer), Session.objects.filter(user=viewer).count()) == (True, 1)
    assert post(adm, viewer, reset_second_factor="on") == 302
    assert (has_one(viewer), Session.objects.filter(user=viewer).count()) == (False, 0)


def test_an_administrator_ends_the_sessions_of_a_user_alone(adm: User, viewer: User, chile: Company) -> None:
    with_app(viewer)
    client_of(viewer)
    client_of(make_viewer(chile, name="other"))
    assert post(adm, viewer, end_sessions="on") == 302
    assert set(Session.objects.values_list("user__username", flat=True)) == {"adm", "other"}
    assert has_one(viewer)


@pytest.mark.parametrize("who", ["superuser", "stranger", "themselves"])
def test_of_others_nothing_is_taken_away(adm: User, who: str) -> None:
    peru = CompanyFactory.create(name="Peru")
    target = adm if who == "themselves" else make_user(who, *([peru] if who == "stranger" else adm.companies.all()))
    target.is_superuser = who == "superuser"
    target.save()
    with_app(target)
    client_of(target)
    post(adm, target, reset_second_factor="on", end_sessions="on")
    assert has_one(target)
    assert Session.objects.filter(user=target).exists()


def test_who_was_given_a_password_chooses_another_one_before_anything_else(adm: User, viewer: User) -> None:
    assert set_password(adm, viewer) == 302
    client = Client()
    assert enter(viewer, client=client, next="/account/")["Location"] == NEW_PASSWORD
    assert not is_in(client)
    assert client.get(reverse("account")).status_code == 302
    for new in (PASSWORD, "short", ""):
        assert client.post(NEW_PASSWORD, {"new_password1": new, "new_password2": new}).status_code == 200
    assert not is_in(client)
    sent = {"new_password1": OWN, "new_password2": OWN}
    assert client.post(NEW_PASSWORD, sent)["Location"] == "/account/"
    assert is_in(client)
    again = Client()
    assert enter(viewer, PASSWORD, again).status_code == 200
    assert enter(viewer, OWN, again).status_code == 302
    assert is_in(again)


def test_after_the_code_comes_the_password(adm: User, viewer: User) -> None:
    _, codes = with_app(viewer)
    set_password(adm, viewer)
    client = Client()
    enter(viewer, client=client)
    assert client.get(NEW_PASSWORD).status_code == 302
    assert client.post(NEW_PASSWORD, {"new_password1": OWN, "new_password2": OWN}).status_code == 302
    assert client.post(reverse("sign-in-code"), {"one_time_code": codes[0]})["Location"] == NEW_PASSWORD
    assert not is_in(client)


def test_who_changes_their_own_in_the_admin_site_keeps_it(adm: User) -> None:
    assert set_password(adm, adm) == 302
    client = Client()
    enter(adm, client=client)
    assert is_in(client)


def test_a_password_that_was_refused_demands_nothing(adm: User, viewer: User) -> None:
    sent = {"password1": "short", "password2": "short", "usable_password": "true"}
    client_of(adm).post(reverse("admin:auth_user_password_change", args=[viewer.pk]), sent)
    client = Client()
    enter(viewer, client=client)
    assert is_in(client)


def test_a_user_made_in_the_admin_site_or_by_adduser_chooses_their_own(
    adm: User, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"username": "made", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client_of(adm).post(reverse("admin:auth_user_add"), sent).status_code == 302
    monkeypatch.setenv("NEW_USER_PASSWORD", PASSWORD)
    call_command("adduser", "added", "--role", "viewer", "--company", "Chile")
    for name in ("made", "added"):
        assert enter(User.objects.get(username=name))["Location"] == NEW_PASSWORD


def test_who_set_their_own_before_is_asked_for_none(viewer: User) -> None:
    client = Client()
    assert enter(viewer, client=client)["Location"] == "/"
    assert is_in(client)
