"""Alarms: what needs a person, apart from events and history (STA-9)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models import AnyUser, Company, PlannedWindow, sees_all
from wakeup.models.incidents import Incident


class AlarmKind(models.TextChoices):
    POWER = "power", _l("power outage")
    COMMUNICATION = "communication", _l("communication failure")
    WIDE = "wide", _l("many incidents at once")
    CARRIER = "carrier", _l("carrier away")
    OUR_SIDE = "our side", _l("our side is out of order")
    UNDECIDED = "undecided", _l("cause undecided")
    PLANNED_OVERRUN = "planned overrun", _l("did not come back after planned work")
    FLAPPING = "flapping", _l("comes and goes")
    NOT_DELIVERED = "not delivered", _l("notifications are not delivered")


class Priority(models.IntegerChoices):
    LOW = 1, _l("low")
    MEDIUM = 2, _l("medium")
    HIGH = 3, _l("high")


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def visible_to(self, user: AnyUser) -> AlarmQuerySet:
        if sees_all(user):
            return self
        return self.filter(Q(company=None) | Q(company__in=Company.objects.visible_to(user)))

    def open(self) -> AlarmQuerySet:
        return self.filter(ended_at=None)


class Alarm(models.Model):
    """One thing that a person has to look at. ``key`` says what it is about: there is one open alarm of each key."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, editable=False)
    kind = models.CharField(_l("what"), max_length=16, choices=AlarmKind, editable=False)
    priority = models.PositiveSmallIntegerField(_l("priority"), choices=Priority, editable=False)
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.CASCADE, null=True, related_name="alarms", editable=False
    )
    incident = models.ForeignKey(
        Incident,
        verbose_name=_l("incident"),
        on_delete=models.CASCADE,
        null=True,
        related_name="alarms",
        editable=False,
    )
    planned = models.ForeignKey(
        PlannedWindow, on_delete=models.CASCADE, null=True, related_name="alarms", editable=False
    )
    #: By name: a place whose alarms repeat is told by it. Empty where it is about none.
    place = models.CharField(_l("place"), max_length=320, blank=True, default="", db_default="", editable=False)
    #: Names and numbers that the page puts into words.
    facts = models.JSONField(default=dict, editable=False)
    began_at = models.DateTimeField(_l("since"), editable=False)
    raised_at = models.DateTimeField(_l("raised at"), editable=False)
    act_by = models.DateTimeField(_l("act by"), editable=False)
    ended_at = models.DateTimeField(_l("ended at"), null=True, editable=False)
    acknowledged_at = models.DateTimeField(_l("acknowledged at"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_l("acknowledged by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    shelved_until = models.DateTimeField(_l("shelved until"), null=True)
    shelved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("shelved by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    shelved_reason = models.CharField(_l("reason"), max_length=200, blank=True, default="")
    #: What a person found: None while nobody has said so.
    is_false = models.BooleanField(_l("false alarm"), null=True)
    history = HistoricalRecords(excluded_fields=["facts"])

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _l("alarm")
        verbose_name_plural = _l("alarms")
        ordering = ["-raised_at"]
        indexes = [
            models.Index(fields=["-raised_at"], name="alarm_by_time"),
            models.Index(fields=["company", "-raised_at"], name="alarm_by_company"),
            models.Index(fields=["place", "raised_at"], name="alarm_by_place"),
            models.Index(fields=["-priority", "raised_at"], name="alarm_open", condition=Q(ended_at=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["key"], condition=Q(ended_at=None), name="one_open_alarm_a_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.raised_at}"
