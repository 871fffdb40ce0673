"""Conflicts: a meter in the current lists of several concentrators, and what an operator has decided (MET-5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from concentrators.models.lines import LineOfText
from concentrators.models.meters.inventory import Meter


class ConflictKind(models.IntegerChoices):
    """In the order of the report: what wants a person first."""

    LIVE = 1, _l("live")
    MOVED = 2, _l("moved")
    STALE = 3, _l("stale")
    FAILED = 4, _l("both failed")


class Preference(models.TextChoices):
    """Why one concentrator is preferred, in the order in which it is tried; empty: no recommendation."""

    LIST = "list", _l("the only current list")
    STATE = "state", _l("better state")
    AVAILABILITY = "availability", _l("higher availability")
    LEVEL = "level", _l("fewer repeaters")
    LAST_SEEN = "last seen", _l("later contact")
    EXPECTED = "expected", _l("expected there")


class Decision(models.TextChoices):
    KEEP = "keep", _l("keep at one")
    ALLOWED = "allowed", _l("both allowed")
    NONE = "none", _l("not a conflict")


class Reopened(models.TextChoices):
    """Why a decision no longer holds."""

    ANOTHER = "another", _l("another concentrator has listed it")
    FAILED = "failed", _l("it has failed where it was to be kept")
    GONE = "gone", _l("it is gone where it was to be kept")
    OVER = "over", _l("the time is over for which both were allowed")


class MeterConflictQuerySet(models.QuerySet["MeterConflict"]):
    def visible_to(self, user: AnyUser) -> MeterConflictQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))

    def open(self) -> MeterConflictQuerySet:
        return self.filter(closed_at__isnull=True)


class MeterConflict(models.Model):
    """While ``closed_at`` is None the meter is in the current lists of ``lists`` concentrators; one open one a meter.

    A decision closes nothing: the facts do. It is kept beside the preferred concentrator, which nobody applies.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    meter = models.ForeignKey(
        Meter, verbose_name=_l("meter"), on_delete=models.CASCADE, related_name="conflicts", db_index=False
    )
    kind = models.PositiveSmallIntegerField(_l("kind"), choices=ConflictKind)
    lists = models.PositiveIntegerField(_l("concentrators"))
    opened_at = models.DateTimeField(_l("open since"))
    closed_at = models.DateTimeField(_l("closed at"), null=True, blank=True)
    preferred = models.ForeignKey(
        Concentrator, verbose_name=_l("preferred"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_l("reason"), max_length=12, choices=Preference, blank=True, default="")
    decision = models.CharField(_l("decision"), max_length=7, choices=Decision, blank=True, default="")
    keep_at = models.ForeignKey(
        Concentrator, verbose_name=_l("keep at"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    allowed_until = models.DateTimeField(_l("allowed until"), null=True, blank=True)
    #: As the history says of each decision by itself, so that it does not tell them twice.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_l("decided by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_l("decided at"), null=True, blank=True, editable=False)
    #: The keys of the concentrators that listed it when that was decided.
    decided_of = models.JSONField(default=list, editable=False)
    note = LineOfText(_l("note"), max_length=400, blank=True, default="")
    reopened = models.CharField(_l("reopened because"), max_length=7, choices=Reopened, blank=True, default="")
    #: When time alone may change its kind or end its decision.
    review_at = models.DateTimeField(null=True)
    #: Without what moves whenever a list comes, and is nothing that anybody has decided.
    history = HistoricalRecords(excluded_fields=["review_at"])

    objects = MeterConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _l("conflict of a meter")
        verbose_name_plural = _l("conflicts of meters")
        ordering = ["kind", "meter"]
        indexes = [
            models.Index(fields=["meter", "-opened_at"], name="meter_conflict_by_meter"),
            models.Index(
                fields=["company", "kind", "meter"], name="meter_conflict_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["company", "opened_at", "meter"],
                name="meter_conflict_by_age",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["review_at"],
                name="meter_conflict_review",
                condition=Q(closed_at__isnull=True, review_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meter"], condition=Q(closed_at__isnull=True), name="one_open_conflict_a_meter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meter_id}: {self.get_kind_display()}"
