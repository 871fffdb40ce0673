"""What a concentrator itself says of its power failures, read from its log after a boot (STA-11)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models.inventory import Concentrator


class PowerFailure(models.Model):
    """An entry of the log: when power was back, by the device's clock, and for how long it was away."""

    concentrator = models.ForeignKey(
        Concentrator, on_delete=models.CASCADE, related_name="power_failures", db_index=False
    )
    ended_at = models.DateTimeField(_l("power back at"))
    duration_s = models.PositiveBigIntegerField(_l("duration in seconds"))
    read_at = models.DateTimeField(_l("read at"))

    class Meta:
        verbose_name = _l("power failure")
        verbose_name_plural = _l("power failures")
        ordering = ["-ended_at"]
        constraints = [models.UniqueConstraint(fields=["concentrator", "ended_at"], name="one_power_failure_a_time")]

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.ended_at}: {self.duration_s} s"


class PowerLog(models.Model):
    """When the log of a concentrator is due to be read, and how that went. A row for each that has ever booted."""

    concentrator = models.OneToOneField(
        Concentrator, on_delete=models.CASCADE, primary_key=True, related_name="power_log"
    )
    #: None: nothing to do until the next boot.
    due_at = models.DateTimeField(_l("due at"), null=True)
    booted_at = models.DateTimeField(_l("booted at"), null=True)
    read_at = models.DateTimeField(_l("read at"), null=True)
    tries = models.PositiveSmallIntegerField(_l("tries"), default=0)
    failure = models.CharField(_l("failure"), max_length=200, blank=True, default="")
    held_until = models.DateTimeField(null=True)  # by the process that reads it now

    class Meta:
        verbose_name = _l("log of power failures")
        verbose_name_plural = _l("logs of power failures")
        indexes = [models.Index(fields=["due_at"], name="power_log_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.due_at}"
