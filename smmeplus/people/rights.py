"""Whom an administrator may see and change, and what they may give: never more than they have (ACC-1)."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet

from concentrators.models import Company


def visible_users(actor: User) -> QuerySet[User]:
    """All to a superuser; to others those of their companies, and those who belong to none yet, without superusers."""
    users = User.objects.all()
    if actor.is_superuser:
        return users
    through = Company.users.through.objects.filter(user=OuterRef("pk"))
    of_ours = through.filter(company__in=Company.objects.visible_to(actor))
    return users.filter(Exists(of_ours) | ~Exists(through), is_superuser=False)


def may_change(actor: User, target: User) -> bool:
    """Whether ``actor``, who may change users at all, may change this one.

    Who sets somebody's password can act as them: so not a superuser's, and nobody's who sees another company, too, or
    may do anything that ``actor`` may not.
    """
    if actor.is_superuser:
        return True
    if target.is_superuser or target.companies.exclude(pk__in=Company.objects.visible_to(actor)).exists():
        return False
    return _permissions_of(target) <= _permissions_of(actor)


def changeable_users(actor: User) -> QuerySet[User]:
    """Those of whom :func:`may_change` is true, among those that ``actor`` sees."""
    users = visible_users(actor)
    if actor.is_superuser:
        return users
    ours = Company.objects.visible_to(actor)
    elsewhere = Company.users.through.objects.filter(user=OuterRef("pk")).exclude(company__in=ours)
    held = Permission.objects.filter(Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")))
    return users.filter(~Exists(elsewhere), ~Exists(held.exclude(pk__in=_permissions_of(actor))))


def grantable_roles(actor: User) -> QuerySet[Group]:
    """The groups that hold no permission that ``actor`` does not."""
    if actor.is_superuser:
        return Group.objects.all()
    more = Permission.objects.filter(group=OuterRef("pk")).exclude(pk__in=_permissions_of(actor))
    return Group.objects.filter(~Exists(more))


def _permissions_of(user: User) -> set[int]:
    """Their keys, also of somebody whose account is disabled: they may be enabled again."""
    held = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(held.values_list("pk", flat=True))
