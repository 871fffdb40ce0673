"""Whose fault silence was, and when (STA-4)."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _l


class Cause(models.TextChoices):
    OK = "ok", _l("all is well")
    FIELD = "field", _l("field")
    OUR_SIDE = "our side", _l("our side")
    CARRIER = "carrier", _l("carrier")
    CANARY_AWAY = "canary away", _l("canary away")
    UNDECIDED = "undecided", _l("undecided")


class VerdictSpan(models.Model):
    """A time with one verdict on all (``carrier`` is empty) or on one carrier; only the last of each may be open.

    Its times are true ones, as far as they can be known, and not those of the noticing. The evidence is that of the
    last minute of it: lists of ``{sign, names, number, of}``.
    """

    #: A verdict is made each minute. Older ones say nothing about now.
    STALE_AFTER = timedelta(minutes=3)

    carrier = models.CharField(_l("carrier"), max_length=100, blank=True, default="")
    cause = models.CharField(_l("cause"), max_length=11, choices=Cause)
    #: To whom it is the fault, if the verdict on all is that of a carrier or of several.
    carriers = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    against = models.JSONField(default=list)
    began_at = models.DateTimeField(_l("from"))
    judged_at = models.DateTimeField(_l("judged at"))
    ended_at = models.DateTimeField(_l("to"), null=True)

    class Meta:
        verbose_name = _l("verdict")
        verbose_name_plural = _l("verdicts")
        ordering = ["began_at"]
        indexes = [models.Index(fields=["carrier", "began_at"], name="verdict_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier"], condition=Q(ended_at__isnull=True), name="one_open_verdict_a_carrier"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="verdict_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier or 'all'}: {self.cause} from {self.began_at}"
