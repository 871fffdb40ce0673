"""When a concentrator was expected to call, and how often: its counts are compared with that (REP-7, STA-1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.inventory import Concentrator


class Assignment(models.Model):
    """A time in which a concentrator was in field with one wake-up period.

    Written by each installation, modification and removal, in the same transaction. Assignments of a concentrator
    never overlap, and only the last may be open. The period is copied here because a profile may be changed or
    deleted once no concentrator uses it.
    """

    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="assignments")
    begin = models.DateTimeField(_l("from"))
    end = models.DateTimeField(_l("to"), null=True, help_text=_l("Empty while it lasts."))
    #: Minutes; None while the profile has wake-up disabled.
    period_min = models.PositiveSmallIntegerField(_l("wakeup period min"), null=True)

    class Meta:
        verbose_name = _l("assignment of a profile")
        verbose_name_plural = _l("assignments of profiles")
        ordering = ["begin"]
        constraints = [
            models.UniqueConstraint(
                fields=["concentrator"], condition=Q(end__isnull=True), name="one_open_assignment_a_concentrator"
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("begin")), name="assignment_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.begin} to {self.end or 'now'}"


class OutOfService(models.Model):
    """A time in which, as an operator said, no wake-ups are expected from a concentrator (STA-1)."""

    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="outs_of_service")
    begin = models.DateTimeField(_l("from"))
    end = models.DateTimeField(_l("to"))
    #: What was before does not change the status afterwards, only what was expected. None: set before this was kept.
    set_at = models.DateTimeField(_l("set at"), null=True, editable=False)
    reason = models.CharField(_l("reason"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("set by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _l("time out of service")
        verbose_name_plural = _l("times out of service")
        ordering = ["begin"]
        indexes = [models.Index(fields=["concentrator", "begin"], name="out_of_service_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("begin")), name="out_of_service_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.begin} to {self.end}"
