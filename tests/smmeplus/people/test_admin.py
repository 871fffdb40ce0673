"""The page of a user in the admin site: nobody gains a right by themselves (ACC-1, ACC-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from smmeplus.roles import ADMINISTRATOR, OPERATOR, VIEWER
from tests.factories import CompanyFactory, UserFactory
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASSWORD = "correct horse battery"


@pytest.fixture
def peru() -> Company:
    return CompanyFactory.create(name="Peru")


@pytest.fixture
def adm(chile: Company) -> User:
    return administrator_of(chile, name="adm")


@pytest.fixture
def client(adm: User) -> Client:
    return client_of(adm)


def administrator_of(*companies: Company, name: str) -> User:
    user = make_user(name, *companies, is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return user


def page(user: User, name: str = "change") -> str:
    return reverse(f"admin:auth_user_{name}", args=[user.pk])


def posted(user: User, **changed: Any) -> dict[str, Any]:
    """What the form of ``user`` sends when nothing but ``changed`` is different."""
    facts = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "groups": [group.pk for group in user.groups.all()],
        "companies": [company.pk for company in user.companies.all()],
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        **changed,
    }
    return {name: value for name, value in facts.items() if value is not False}


def rights(user: User) -> tuple[Any, ...]:
    user = User.objects.get(pk=user.pk)
    groups, companies = (sorted(map(str, of.all())) for of in (user.groups, user.companies))
    permissions = list(user.user_permissions.values_list("codename", flat=True))
    return user.password, user.is_superuser, user.is_staff, user.is_active, groups, companies, permissions


def test_role_and_companies_are_given_on_the_page_of_a_user(client: Client, chile: Company) -> None:
    user = make_viewer(chile, name="new")
    operator = Group.objects.get(name=OPERATOR)
    sent = posted(user, groups=[operator.pk], companies=[], is_active=False)
    assert client.post(page(user), sent).status_code == 302
    assert rights(user)[3:6] == (False, [OPERATOR], [])
    assert client.post(page(user), posted(user, companies=[chile.pk], is_active=True, groups=[])).status_code == 302
    assert rights(user)[3:6] == (True, [], ["Chile"])


def test_the_history_tells_from_what_to_what(client: Client, chile: Company) -> None:
    user = make_viewer(chile, name="new")
    operator = Group.objects.get(name=OPERATOR)
    client.post(page(user), posted(user, groups=[operator.pk], companies=[], email="new@example.org"))
    said = LogEntry.objects.latest("pk").get_change_message()
    assert "roles: Viewer → Operator" in said
    assert "companies: Chile → none" in said
    assert "→ new@example.org" in said
    assert said in client.get(page(user, "history")).content.decode()


def test_a_change_that_changes_nothing_says_nothing(client: Client, chile: Company) -> None:
    user = make_viewer(chile, name="new")
    client.post(page(user), posted(user))
    assert LogEntry.objects.latest("pk").get_change_message() == "No fields changed."


def test_nobody_makes_themselves_a_superuser_or_changes_their_own_role(client: Client, adm: User) -> None:
    before = rights(adm)
    everything = [permission.pk for permission in Permission.objects.all()]
    sent = posted(adm, is_superuser="on", user_permissions=everything, groups=[], companies=[], first_name="Ada")
    assert client.post(page(adm), sent).status_code == 302
    assert rights(adm) == before
    assert User.objects.get(pk=adm.pk).first_name == "Ada"


def test_nobody_makes_another_a_superuser(client: Client, chile: Company) -> None:
    user = make_viewer(chile, name="new")
    before = rights(user)
    everything = [permission.pk for permission in Permission.objects.all()]
    client.post(page(user), posted(user, is_superuser="on", user_permissions=everything))
    assert rights(user) == before


def test_nobody_gives_a_role_that_may_do_more_or_a_company_of_others(
    client: Client, chile: Company, peru: Company
) -> None:
    user = make_viewer(chile, name="new")
    more = Group.objects.create(name="Auditor")
    more.permissions.add(Permission.objects.get(codename="delete_user"))
    before = rights(user)
    for sent in (posted(user, groups=[more.pk]), posted(user, companies=[chile.pk, peru.pk])):
        response = client.post(page(user), sent)
        assert response.status_code == 200  # the form again, with its error
        assert "is not one of the available choices" in response.content.decode()
    assert rights(user) == before


class TestOthers:
    """Superusers, users of other companies, and users who may do more."""

    @pytest.fixture(params=["superuser", "of another company", "of another company, too", "may do more"])
    def other(self, request: pytest.FixtureRequest, chile: Company, peru: Company) -> User:
        match request.param:
            case "superuser":
                user = UserFactory.create(username="other", is_superuser=True)
                chile.users.add(user)
            case "of another company":
                user = make_operator(peru, name="other")
            case "of another company, too":
                user = make_operator(chile, peru, name="other")
            case _:
                user = make_user("other", chile, permissions=("auth.delete_group",))
        return user

    def test_are_not_changed(self, client: Client, other: User) -> None:
        before = rights(other)
        response = client.post(page(other), posted(other, is_active=False, email="a@example.org"))
        assert response.status_code in (302, 403)
        assert rights(other) == before

    def test_get_no_password(self, client: Client, other: User) -> None:
        before = rights(other)
        sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        response = client.post(reverse("admin:auth_user_password_change", args=[other.pk]), sent)
        assert response.status_code in (302, 403, 404)
        assert rights(other) == before

    def test_are_not_changed_in_bulk_or_deleted(self, client: Client, other: User, adm: User) -> None:
        adm.user_permissions.add(Permission.objects.get(codename="delete_user", content_type__app_label="auth"))
        before = rights(other)
        client.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"})
        action = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
        client.post(reverse("admin:auth_user_changelist"), action)
        assert rights(other) == before

    def test_have_no_history_to_read(self, client: Client, other: User) -> None:
        assert client.get(page(other, "history")).status_code in (302, 403)


def test_users_of_other_companies_and_superusers_are_not_listed(client: Client, chile: Company, peru: Company) -> None:
    make_operator(peru, name="peruano")
    make_operator(chile, peru, name="both")
    make_user("newcomer")
    UserFactory.create(username="root2", is_superuser=True)
    listed = client.get(reverse("admin:auth_user_changelist")).content.decode()
    assert "both" in listed
    assert "newcomer" in listed
    assert "peruano" not in listed
    assert "root2" not in listed


def test_the_other_companies_of_a_user_are_not_named(client: Client, chile: Company, peru: Company) -> None:
    both = make_operator(chile, peru, name="both")
    shown = client.get(page(both)).content.decode()
    assert "Chile" in shown
    assert "Peru" not in shown


def test_who_is_disabled_keeps_what_they_may_do_for_this(client: Client, chile: Company) -> None:
    """Or somebody would be disabled first, and get a password then."""
    other = make_user("other", chile, permissions=("auth.delete_user",))
    User.objects.filter(pk=other.pk).update(is_active=False)
    before = rights(other)
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    client.post(reverse("admin:auth_user_password_change", args=[other.pk]), sent)
    assert rights(other) == before


def test_a_new_user_is_made_in_two_steps(client: Client, chile: Company) -> None:
    sent = {"username": "second", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client.post(reverse("admin:auth_user_add"), sent).status_code == 302
    user = User.objects.get(username="second")
    viewer = Group.objects.get(name=VIEWER)
    client.post(page(user), posted(user, groups=[viewer.pk], companies=[chile.pk]))
    assert rights(user)[4:6] == ([VIEWER], ["Chile"])


def test_superusers_give_everything(chile: Company, peru: Company) -> None:
    root = UserFactory.create(username="root", is_superuser=True, is_staff=True)
    user = make_operator(peru, name="other")
    one = Permission.objects.get(codename="delete_user", content_type__app_label="auth")
    sent = posted(user, is_superuser="on", user_permissions=[one.pk], companies=[chile.pk, peru.pk])
    assert client_of(root).post(page(user), sent).status_code == 302
    assert rights(user)[1] is True
    assert rights(user)[5:] == (["Chile", "Peru"], ["delete_user"])


def test_the_page_of_a_company_changes_no_users(client: Client, chile: Company, adm: User) -> None:
    before = list(chile.users.all())
    address = reverse("admin:concentrators_company_change", args=[chile.pk])
    assert 'name="users"' not in client.get(address).content.decode()
    sent = {"name": "Chile", "time_zone": chile.time_zone, "momentary_limit_min": 3, "users": []}
    client.post(address, sent)
    assert list(chile.users.all()) == before


def test_a_new_password_is_set_on_its_own_page_and_only_that_it_was_is_told(client: Client, chile: Company) -> None:
    user = make_viewer(chile, name="new")
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client.post(address, sent).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert LogEntry.objects.latest("pk").get_change_message() == "Changed password."
