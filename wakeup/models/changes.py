"""How the status of concentrators changed (STA-3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from wakeup.models.counters import OfConcentratorQuerySet


class ChangeReason(models.TextChoices):
    SILENCE = "silence", _l("silence")
    LAST_GASP = "last gasp", _l("last gasp")
    MESSAGE = "message", _l("message")
    OPERATOR = "operator", _l("operator")


class StatusChange(models.Model):
    """A change of status at its true time, which is not when it was noticed. Never updated.

    A status is a value of ``Status`` in `wakeup/monitoring/status/rules.py`; empty: not in field.
    """

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        db_index=False,
        related_name="status_changes",
    )
    at = models.DateTimeField(_l("changed at"))
    from_status = models.CharField(_l("from"), max_length=14, blank=True)
    to_status = models.CharField(_l("to"), max_length=14, blank=True)
    reason = models.CharField(_l("reason"), max_length=9, choices=ChangeReason)
    #: Whose fault silence was, by the evidence of that time; None while nobody looks for it.
    verdict = models.CharField(_l("verdict"), max_length=20, null=True)  # noqa: DJ001 - empty would be a verdict

    objects = OfConcentratorQuerySet["StatusChange"].as_manager()

    class Meta:
        verbose_name = _l("change of status")
        verbose_name_plural = _l("changes of status")
        indexes = [
            models.Index(fields=["concentrator", "at"], name="change_by_concentrator"),
            models.Index(fields=["at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.at}: {self.to_status}"


class WatchProgress(models.Model):
    """Up to when `watchstatus` has recorded all last gasps; one row."""

    until = models.DateTimeField()

    class Meta:
        verbose_name = _l("progress of watching")
        verbose_name_plural = _l("progress of watching")

    def __str__(self) -> str:
        return str(self.until)
