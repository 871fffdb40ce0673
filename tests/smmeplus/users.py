"""Users in the roles of ACC-1."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from concentrators.models import Company
from smmeplus.roles import ADMINISTRATOR, OPERATOR, VIEWER
from tests.factories import UserFactory


def make_user(name: str, *companies: Company, permissions: tuple[str, ...] = (), is_staff: bool = False) -> User:
    """A user of ``companies`` with ``permissions``, such as ``profiles.add_spontaneousprofile``, and no role."""
    user = UserFactory.create(username=name, is_staff=is_staff)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    for company in companies:
        company.users.add(user)
    return user


def client_of(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def make_operator(*companies: Company, name: str = "operator") -> User:
    """Who may change profiles, install and remove."""
    return _with_role(make_user(name, *companies), OPERATOR)


def make_viewer(*companies: Company, name: str = "viewer") -> User:
    """Who may look at what belongs to their companies."""
    return _with_role(make_user(name, *companies), VIEWER)


def make_administrator(*companies: Company, name: str = "administrator") -> User:
    """Who may also use the admin site, and change keys."""
    return _with_role(make_user(name, *companies, is_staff=True), ADMINISTRATOR)


def _with_role(user: User, role: str) -> User:
    user.groups.add(Group.objects.get(name=role))
    return user
