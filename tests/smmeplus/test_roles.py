"""The three roles (ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from concentrators.models import Company
from smmeplus.roles import ADMINISTRATOR, OPERATOR, ROLES, VIEWER
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def member(role: str, *companies: Company, is_staff: bool = False) -> User:
    user = User.objects.create_user(f"a {role}", is_staff=is_staff)
    user.groups.add(Group.objects.get(name=role))
    for company in companies:
        company.users.add(user)
    return user


def signed_in(user: User) -> Client:
    return client_of(user)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_exactly_its_permissions(role: str) -> None:
    assert member(role).get_all_permissions() == ROLES[role]


def test_all_permissions_of_a_user_are_loaded_by_one_query(django_assert_num_queries: Any) -> None:
    own = Permission.objects.get(codename="delete_kindrule")
    user, other = member(VIEWER), member(OPERATOR)
    user.groups.add(Group.objects.get_or_create(name="empty")[0])
    user.user_permissions.add(own)
    other.user_permissions.add(Permission.objects.get(codename="delete_user"))
    with django_assert_num_queries(1):
        assert user.has_perm("concentrators.delete_kindrule")
        assert user.has_perm("wakeup.view_message")
        assert not user.has_perm("concentrators.change_concentrator")
        assert not user.has_module_perms("reports")
        assert user.get_all_permissions() == ROLES[VIEWER] | {"concentrators.delete_kindrule"}


def test_whoever_may_not_sign_in_any_more_may_nothing() -> None:
    user = member(OPERATOR)
    user.is_active = False
    assert user.get_all_permissions() == set()
    assert not user.has_perm("wakeup.view_message")


def test_a_superuser_may_everything(administrator: User) -> None:
    assert len(administrator.get_all_permissions()) == Permission.objects.count()


def test_a_session_names_the_backend_of_django_and_so_outlives_an_upgrade(operator: User) -> None:
    operator.set_password("a long password")
    operator.save()
    client = Client()
    client.post("/sign-in/", {"username": operator.username, "password": "a long password"})
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"


def test_each_role_may_what_the_one_below_it_may() -> None:
    assert ROLES[VIEWER] < ROLES[OPERATOR] < ROLES[ADMINISTRATOR]


def test_what_somebody_changed_in_a_role_is_put_right_by_the_next_migration() -> None:
    viewer = Group.objects.get(name=VIEWER)
    viewer.permissions.add(Permission.objects.get(codename="delete_concentrator"))
    Group.objects.get(name=OPERATOR).delete()
    call_command("migrate", verbosity=0)
    assert member(VIEWER).get_all_permissions() == ROLES[VIEWER]
    assert member(OPERATOR).get_all_permissions() == ROLES[OPERATOR]


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (VIEWER, "/profiles/", 200),
        (VIEWER, "/profiles/add/", 403),
        (VIEWER, "/concentrators/installation/", 403),
        (OPERATOR, "/profiles/add/", 200),
        (OPERATOR, "/concentrators/installation/", 200),
        (OPERATOR, "/admin/", 302),
        (ADMINISTRATOR, "/admin/", 200),
        (ADMINISTRATOR, "/admin/profiles/systemsettings/add/", 200),
        (ADMINISTRATOR, "/admin/auth/user/add/", 200),
        (ADMINISTRATOR, "/admin/concentrators/company/", 200),
    ],
)
def test_a_role_opens_what_it_is_for(role: str, path: str, status: int) -> None:
    client = signed_in(member(role, is_staff=role == ADMINISTRATOR))
    assert client.get(path).status_code == status


def test_in_the_admin_site_too_a_user_sees_his_companies_alone() -> None:
    mine, other = CompanyFactory.create(name="Mine"), CompanyFactory.create(name="Theirs")
    ConcentratorFactory.create(company=mine, serial_number="MINE1")
    theirs = ConcentratorFactory.create(company=other, serial_number="THEIRS1")
    client = signed_in(member(ADMINISTRATOR, mine, is_staff=True))
    listed = client.get("/admin/concentrators/concentrator/").content.decode()
    assert "MINE1" in listed
    assert "THEIRS1" not in listed
    assert "Theirs" not in client.get("/admin/concentrators/company/").content.decode()
    assert client.get(f"/admin/concentrators/concentrator/{theirs.pk}/change/").status_code == 302
    assert "Theirs" not in client.get("/admin/concentrators/concentrator/add/").content.decode()
