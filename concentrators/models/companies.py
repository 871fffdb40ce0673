"""Companies, and who sees what belongs to them (ACC-1)."""

from __future__ import annotations

import zoneinfo
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.networks import ExpectsNetworks, networks_field
from profiles.zones import validate_zone
from smmeplus.common.acting import limits_of

AnyUser: TypeAlias = AbstractBaseUser | AnonymousUser


def sees_all(user: AnyUser) -> bool:
    """Whether ``user`` sees every company without belonging to it, as superusers do without a token of some."""
    return _belongs_to_all(user) and not limits_of(user)


def _belongs_to_all(user: AnyUser) -> bool:
    return bool(getattr(user, "is_superuser", False))


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: AnyUser) -> CompanyQuerySet:
        """Those of the user; by a token of some companies the ones of these that are still the user's."""
        limits = limits_of(user)
        allowed = self.filter(pk__in=limits) if limits else self
        return allowed if _belongs_to_all(user) else allowed.filter(users=user.pk)


class Company(ExpectsNetworks):
    """A utility that owns concentrators, such as Chile."""

    name = models.CharField(_l("name"), max_length=100, unique=True)
    time_zone = models.CharField(
        _l("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text=_l("Like America/Santiago."),
    )
    #: IEEE 1366 leaves the limit to the regulator: 3 minutes in Chile and Italy, 5 by the standard itself.
    momentary_limit_min = models.PositiveSmallIntegerField(
        _l("an interruption is momentary up to minutes"),
        default=3,
        db_default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_l("3 in Chile and Italy, 5 by IEEE 1366. Longer ones count in SAIDI and SAIFI."),
    )
    expected_networks = networks_field()  # of its concentrators that have none of their own
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_l("users"),
        blank=True,
        related_name="companies",
        help_text=_l("Who sees this company's concentrators and reports."),
    )
    history = HistoricalRecords()

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _l("company")
        verbose_name_plural = _l("companies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)
