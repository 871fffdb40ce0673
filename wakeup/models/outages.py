"""Outages: a power-down or a silence of one concentrator, and the message that ended it (STA-5)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, Concentrator, PlannedWindow, sees_all
from wakeup.models.changes import StatusChange
from wakeup.models.incidents import CauseClass, Incident


class Quality(models.TextChoices):
    """How well begin and end of an outage are known."""

    MEASURED = "measured", _l("measured")  # last gasp and boot, or the device's own log
    RESTORED = "restored", _l("restored")  # boot only
    INFERRED = "inferred", _l("inferred")


class OutageQuerySet(models.QuerySet["Outage"]):
    def visible_to(self, user: AnyUser) -> OutageQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))

    def open(self) -> OutageQuerySet:
        return self.filter(ended_at=None)


class Outage(models.Model):
    """One concentrator without power, or not heard.

    It began between ``earliest_at`` and ``latest_at``: for a silence these are the last wake-up and the time at which
    the next one was due, for a last gasp both are its time. ``began_at`` lies between: the gasp, or the middle.
    """

    id = models.BigAutoField(primary_key=True)
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        related_name="outages",
        db_index=False,
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="outages", db_index=False)
    #: The change to *unreachable* with which it was noticed: each makes one outage. None: a boot without a silence.
    change = models.OneToOneField(StatusChange, on_delete=models.SET_NULL, null=True, related_name="outage")
    incident = models.ForeignKey(
        Incident,
        verbose_name=_l("incident"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="outages",
        db_index=False,
    )
    planned = models.ForeignKey(
        PlannedWindow, verbose_name=_l("planned work"), on_delete=models.SET_NULL, null=True, related_name="outages"
    )
    earliest_at = models.DateTimeField(_l("began after"))
    latest_at = models.DateTimeField(_l("began before"))
    began_at = models.DateTimeField(_l("began at"))
    noticed_at = models.DateTimeField(_l("noticed at"))
    ended_at = models.DateTimeField(_l("ended at"), null=True)
    #: The kind of the message that ended it; empty while it lasts, and where an operator ended it.
    ended_by = models.CharField(_l("ended by"), max_length=9, blank=True, default="")
    quality = models.CharField(_l("quality"), max_length=8, choices=Quality, default=Quality.INFERRED)
    cause = models.CharField(_l("cause"), max_length=13, choices=CauseClass, default=CauseClass.UNDECIDED)
    verdict = models.CharField(_l("verdict"), max_length=20, null=True)  # noqa: DJ001 - as of its change
    is_announced = models.BooleanField(_l("announced by a last gasp"), default=False)
    #: A boot without a gasp and without a silence before: shorter than a period, of unknown length.
    is_momentary = models.BooleanField(_l("momentary, of unknown length"), default=False)
    #: Customers of the concentrator when it began: by the inventory, and the meters that counted there (None: no list).
    customers = models.PositiveIntegerField(_l("customers by the inventory"), default=0)
    meters = models.PositiveIntegerField(_l("meters"), null=True)
    #: What an incident counts (MET-7). Indices weigh by the inventory, as what they are divided by is counted there.
    affected = models.GeneratedField(
        verbose_name=_l("customers"),
        expression=Coalesce("meters", "customers"),
        output_field=models.PositiveIntegerField(),
        db_persist=True,
    )
    #: What the device's own log says of it (STA-11), and how many seconds had been reckoned before it was read.
    logged_s = models.PositiveBigIntegerField(_l("seconds by the device's log"), null=True)
    reckoned_s = models.PositiveBigIntegerField(_l("seconds reckoned before"), null=True)

    #: Something of it is not among the events yet (API-3). Rows of versions before are told of no more.
    is_untold = models.BooleanField(default=False, db_default=False, editable=False)

    objects = OutageQuerySet.as_manager()

    class Meta:
        verbose_name = _l("outage")
        verbose_name_plural = _l("outages")
        ordering = ["-began_at"]
        indexes = [
            models.Index(fields=["concentrator", "began_at"], name="outage_by_concentrator"),
            models.Index(fields=["company", "began_at"], name="outage_by_company"),
            models.Index(fields=["incident", "began_at", "id"], name="outage_by_incident"),  # as its page lists them
            models.Index(fields=["company", "latest_at"], name="outage_open", condition=Q(ended_at=None)),
            models.Index(fields=["id"], name="outage_untold", condition=Q(is_untold=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["concentrator", "began_at"], condition=Q(is_momentary=True), name="one_momentary_outage_a_boot"
            ),
            models.UniqueConstraint(
                fields=["concentrator"], condition=Q(ended_at=None), name="one_open_outage_a_concentrator"
            ),
            models.CheckConstraint(
                condition=Q(earliest_at__lte=F("began_at"), began_at__lte=F("latest_at")), name="outage_began_between"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.began_at} to {self.ended_at or 'now'}"
