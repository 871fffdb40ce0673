"""Who belongs to a company and has no role reads nothing of it (ACC-1)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from concentrators.models import Company
from smmeplus.roles import VIEWER
from tests.smmeplus.every_url import every_path
from tests.smmeplus.users import client_of, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: What is about the account alone, or is open to everybody.
OWN = {"/", "/sign-out/", "/password/", "/i18n/setlang/", "/favicon.ico", "/healthz"}
NOT_HERE = ("/sign-in/", "/account/", "/api/v1/", "/admin/")


@pytest.fixture
def nobody(chile: Company) -> User:
    return make_user("nobody", chile)


def test_every_address_refuses_them(nobody: User) -> None:
    client = client_of(nobody)
    others = [path for path in every_path() if path not in OWN and not path.startswith(NOT_HERE)]
    assert len(others) > 50
    assert {path: client.get(path).status_code for path in others} == dict.fromkeys(others, 403)


def test_they_change_their_password_and_sign_out(nobody: User) -> None:
    client = client_of(nobody)
    assert client.get(reverse("password")).status_code == 200
    assert client.post(reverse("logout")).status_code == 302


def test_with_a_role_they_read(nobody: User) -> None:
    nobody.groups.add(Group.objects.get(name=VIEWER))
    assert client_of(nobody).get(reverse("reports:in-field")).status_code == 200
