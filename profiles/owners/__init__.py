"""Whose a profile is: one company's, or everybody's (ACC-1).

Companies belong to the room of concentrators, which imports this one: here they are known by a profile's key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeAlias, TypeVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, Q, QuerySet

from smmeplus.common.acting import limits_of

AnyUser: TypeAlias = AbstractBaseUser | AnonymousUser
_P = TypeVar("_P", bound=Model)


def looks_after_all(user: AnyUser) -> bool:
    """Whether ``user`` may change what belongs to all companies; by a token of some companies nobody does."""
    return bool(getattr(user, "is_superuser", False)) and not limits_of(user)


def companies_seen_by(user: AnyUser) -> QuerySet[Any]:
    companies: QuerySet[Any] = apps.get_model("concentrators", "Company").objects.visible_to(user)
    return companies


def owners_offered_to(user: AnyUser) -> list[Any]:
    """Whose a new profile of ``user`` may be: their companies; None stands for all of them.

    Of an installation with one company only, all are that one.
    """
    companies = list(companies_seen_by(user))
    if not looks_after_all(user):
        return companies
    return [None, *companies] if len(companies) > 1 else [None]


def companies_among(owners: Sequence[Any]) -> QuerySet[Any]:
    keys = [owner.pk for owner in owners if owner is not None]
    companies: QuerySet[Any] = apps.get_model("concentrators", "Company").objects.filter(pk__in=keys)
    return companies


class OwnedQuerySet(QuerySet[_P]):
    """Profiles by whose they are."""

    def visible_to(self, user: AnyUser) -> Self:
        if looks_after_all(user):
            return self
        return self.filter(Q(company=None) | Q(company__in=companies_seen_by(user)))

    def usable_by(self, company: Any) -> Self:
        """Those that concentrators of ``company`` may have, which is a company or its key; for None those of all."""
        return self.filter(Q(company=None) | Q(company=company)) if company else self.filter(company=None)
