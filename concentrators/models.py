"""The inventory: companies, types and concentrators (CON-1)."""

from __future__ import annotations

import uuid
import zoneinfo
from datetime import timedelta
from typing import TypeAlias

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from profiles.models import PORT_VALIDATORS, SpontaneousProfile
from profiles.zones import validate_zone

DEFAULT_MANAGEMENT_PORT = 4059
DEFAULT_MANUFACTURER = "Ap System"
DEFAULT_TYPE = "CERCO1"

AnyUser: TypeAlias = AbstractBaseUser | AnonymousUser


def sees_all(user: AnyUser) -> bool:
    """Whether ``user`` sees every company without belonging to it, as superusers do."""
    return bool(getattr(user, "is_superuser", False))


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: AnyUser) -> CompanyQuerySet:
        """The companies that ``user`` belongs to; all of them for a superuser (ACC-1)."""
        return self if sees_all(user) else self.filter(users=user.pk)


class Company(models.Model):
    """A utility that owns concentrators, such as Chile."""

    name = models.CharField(_l("name"), max_length=100, unique=True)
    time_zone = models.CharField(
        _l("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text=_l("Like America/Santiago."),
    )
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


class ConcentratorType(models.Model):
    """A model of concentrator, such as CERCO1."""

    name = models.CharField(_l("name"), max_length=32, unique=True)

    class Meta:
        verbose_name = _l("concentrator type")
        verbose_name_plural = _l("concentrator types")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where a concentrator stands between the store and the field."""

    AVAILABLE = "available", _l("available")
    IN_FIELD = "in field", _l("in field")
    REMOVED = "removed", _l("removed")


class ConcentratorQuerySet(models.QuerySet["Concentrator"]):
    def visible_to(self, user: AnyUser) -> ConcentratorQuerySet:
        """Those of the companies that ``user`` belongs to (ACC-1)."""
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class Concentrator(models.Model):
    """A data concentrator in a substation.

    Nothing here changes when a message comes in: totals have a table of their own, so that an
    operator's form and the listener never write the same row.
    """

    serial_number = models.CharField(
        _l("serial number"),
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(r"\A[0-9A-Z]{1,32}\Z", _l("A serial number is 1 to 32 letters from A to Z and digits."))
        ],
    )
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.PROTECT, related_name="concentrators"
    )
    type = models.ForeignKey(
        ConcentratorType, verbose_name=_l("type"), on_delete=models.PROTECT, related_name="concentrators"
    )
    manufacturer = models.CharField(_l("manufacturer"), max_length=100, default=DEFAULT_MANUFACTURER, blank=True)
    management_ip = models.GenericIPAddressField(_l("management IP"), protocol="IPv4", null=True, blank=True)
    management_port = models.PositiveIntegerField(
        _l("management port"), default=DEFAULT_MANAGEMENT_PORT, validators=PORT_VALIDATORS
    )
    substation = models.CharField(_l("substation"), max_length=100, blank=True)
    feeder = models.CharField(_l("feeder"), max_length=100, blank=True)
    customers = models.PositiveIntegerField(_l("customers served"), default=0)
    state = models.CharField(_l("state"), max_length=9, choices=State, default=State.AVAILABLE)
    profile = models.ForeignKey(
        SpontaneousProfile,
        verbose_name=_l("spontaneous profile"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="concentrators",
    )
    installed_at = models.DateTimeField(_l("installed at"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    objects = ConcentratorQuerySet.as_manager()

    class Meta:
        verbose_name = _l("concentrator")
        verbose_name_plural = _l("concentrators")
        ordering = ["serial_number"]
        indexes = [
            models.Index(fields=["company", "state", "serial_number"], name="concentrator_by_state"),
            models.Index(fields=["company", "serial_number"], name="concentrator_by_company"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.IN_FIELD, profile__isnull=False, installed_at__isnull=False)
                | (~Q(state=State.IN_FIELD) & Q(profile__isnull=True)),
                name="in_field_means_with_a_profile",
                violation_error_message=_l("A concentrator in field has a profile, and only such a one."),
            )
        ]

    def __str__(self) -> str:
        return self.serial_number


class InstallationFile(models.Model):
    """An uploaded installation file between its preview and its confirmation (CON-5).

    It waits in the database because the next request may be for another web host.
    """

    KEPT = timedelta(days=1)
    MAX_BYTES = 64 * 2**20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    written_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("installation file")
        verbose_name_plural = _l("installation files")
        indexes = [models.Index(fields=["uploaded_at"], name="installation_file_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def good_rows(self) -> int:
        """How many rows a confirmation would write."""
        return int(self.counts.get("new", 0) + self.counts.get("changed", 0))
