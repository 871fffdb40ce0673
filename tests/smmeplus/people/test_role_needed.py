"""Who belongs to a company and has no role reads nothing of it (ACC-1): at each address, see docs/permissions.md."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from concentrators.models import Company
from smmeplus.roles import VIEWER
from tests.smmeplus.users import client_of, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def nobody(chile: Company) -> User:
    return make_user("nobody", chile)


def test_they_change_their_password_and_sign_out(nobody: User) -> None:
    client = client_of(nobody)
    assert client.get(reverse("password")).status_code == 200
    assert client.post(reverse("logout")).status_code == 302


def test_with_a_role_they_read(nobody: User) -> None:
    nobody.groups.add(Group.objects.get(name=VIEWER))
    assert client_of(nobody).get(reverse("reports:in-field")).status_code == 200
