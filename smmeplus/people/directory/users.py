"""The user that belongs to somebody of the directory, with the role and the companies that its groups give them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from concentrators.models import Company
from smmeplus.models import Account
from smmeplus.people.directory.provider import DirectoryError
from smmeplus.people.security_log import tell
from smmeplus.roles import ADMINISTRATOR, OPERATOR, ROLES, VIEWER

_RANKS = (ADMINISTRATOR, OPERATOR, VIEWER)
_LONGEST_NAME = 150
_NO_LETTERS = re.compile(r"[^\w.@+-]")  # which no name of a user has
_LONGEST_EMAIL = 254


class NoRoleError(DirectoryError):
    pass


def user_for(claims: dict[str, Any]) -> User:
    """By ``iss`` and ``sub`` alone: a name or an e-mail address that somebody claims makes nobody a user who is there.

    Raises NoRoleError if none of their groups has one, after it was taken from them; DirectoryError if disabled.
    """
    groups = _groups_of(claims)
    role = next((rank for rank in _RANKS if rank in {settings.OIDC_ROLES.get(group) for group in groups}), None)
    subject = f"{claims['iss']} {claims['sub']}"
    with transaction.atomic():
        account = Account.objects.select_related("user").filter(directory_subject=subject).first()
        if account is None and role is None:
            raise NoRoleError("no role")
        user = account.user if account else _made(claims, subject)
        if not user.is_active:
            raise DirectoryError("disabled")
        _give(user, role, groups)
        _describe(user, claims)
    if role is None:
        raise NoRoleError("no role any more")
    return user


def _groups_of(claims: dict[str, Any]) -> set[str]:
    told = claims.get(settings.OIDC_GROUPS, [])
    return {str(group) for group in (told if isinstance(told, list) else [told])}


def _made(claims: dict[str, Any], subject: str) -> User:
    wanted = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    name = _NO_LETTERS.sub("_", User.normalize_username(wanted))[:_LONGEST_NAME]
    user = User(username=next(free for free in _names(name) if not User.objects.filter(username=free).exists()))
    user.set_unusable_password()
    user.save()
    Account.objects.create(user=user, directory_subject=subject)
    tell("user made", None, user=user.username, method="directory")
    return user


def _names(name: str) -> Iterator[str]:
    """``name`` is of the local user who has it already."""
    yield name
    for number in count(1):
        end = "@directory" if number == 1 else f"@directory-{number}"
        yield name[: _LONGEST_NAME - len(end)] + end


def _give(user: User, role: str | None, groups: set[str]) -> None:
    """Exactly what the groups give; companies only where OIDC_COMPANIES says so."""
    before = _rights(user)
    user.groups.remove(*Group.objects.filter(name__in=ROLES.keys() - {role}))
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    user.is_staff = user.is_superuser or role == ADMINISTRATOR
    if settings.OIDC_COMPANIES:
        names = {settings.OIDC_COMPANIES[group] for group in groups & settings.OIDC_COMPANIES.keys()}
        user.companies.set(Company.objects.filter(name__in=names))
    after = _rights(user)
    if after != before:
        tell("rights by directory", None, user=user.username, before=before, after=after)


def _rights(user: User) -> dict[str, list[str]]:
    return {
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "companies": sorted(user.companies.values_list("name", flat=True)),
    }


def _describe(user: User, claims: dict[str, Any]) -> None:
    email = str(claims.get("email") or "")
    user.email = email if len(email) <= _LONGEST_EMAIL and "\0" not in email else ""
    user.first_name = str(claims.get("given_name") or "")[:_LONGEST_NAME].replace("\0", "")
    user.last_name = str(claims.get("family_name") or "")[:_LONGEST_NAME].replace("\0", "")
    user.save()
