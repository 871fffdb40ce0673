"""Meters, as the lists of concentrators and the master file name them (MET-1)."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from concentrators.models.lines import LineOfText

METER_NAME = r"[0-9A-Z]{1,32}"


class MeterKind(models.TextChoices):
    """A supervisor is the meter of the substation itself; *meters* are those of customers alone."""

    CUSTOMER = "customer", _l("customer")
    SUPERVISOR = "supervisor", _l("supervisor")


class MeterQuerySet(models.QuerySet["Meter"]):
    def visible_to(self, user: AnyUser) -> MeterQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class Meter(models.Model):
    """A meter that a list or the master file has named; never merged with another by its MAC alone.

    Two companies may each have one of the same name.
    """

    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.PROTECT, related_name="meters", db_index=False
    )
    name = models.CharField(
        _l("meter name"),
        max_length=32,
        validators=[
            RegexValidator(rf"\A{METER_NAME}\Z", _l("A meter name is 1 to 32 letters from A to Z and digits."))
        ],
    )
    manufacturer = LineOfText(_l("manufacturer"), max_length=100, blank=True, default="")
    type = LineOfText(_l("type"), max_length=100, blank=True, default="")
    kind = models.CharField(_l("kind"), max_length=10, choices=MeterKind, default=MeterKind.CUSTOMER)
    #: 12 or 16 hexadecimal digits in upper case, as ``40402200A1B2``; empty if nobody has told it.
    mac = models.CharField(_l("MAC"), max_length=16, blank=True, default="")
    expected_concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("expected concentrator"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="expected_meters",
    )
    supply_point = LineOfText(_l("supply point"), max_length=64, blank=True, default="")
    in_master_since = models.DateTimeField(_l("in the master file since"), null=True, blank=True)
    retired_at = models.DateTimeField(_l("retired at"), null=True, blank=True)
    created_at = models.DateTimeField(_l("known since"))

    objects = MeterQuerySet.as_manager()

    class Meta:
        verbose_name = _l("meter")
        verbose_name_plural = _l("meters")
        ordering = ["name"]
        # Beside them migration 0030 makes one of the trigrams of names, on PostgreSQL.
        indexes = [
            models.Index(fields=["company", "mac"], name="meter_by_mac", condition=~Q(mac="")),
            models.Index(fields=["company", "manufacturer"], name="meter_by_manufacturer"),
            models.Index(
                fields=["company"],
                name="meter_in_master",
                condition=Q(in_master_since__isnull=False, retired_at__isnull=True),
            ),
            models.Index(
                fields=["company"],
                name="meter_not_in_master",
                condition=Q(in_master_since__isnull=True) | Q(retired_at__isnull=False),
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="one_meter_a_name")]

    def __str__(self) -> str:
        return self.name
