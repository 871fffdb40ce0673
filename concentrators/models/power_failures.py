"""What a concentrator itself says of its power failures, read from its log after a boot (STA-11)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.configuration import Failure
from concentrators.models.inventory import Concentrator


class PowerFailureQuerySet(models.QuerySet["PowerFailure"]):
    def visible_to(self, user: AnyUser) -> PowerFailureQuerySet:
        if sees_all(user):
            return self
        return self.filter(concentrator__company__in=Company.objects.visible_to(user))


class PowerFailure(models.Model):
    """An entry of the log: when power was back, and for how long it was away.

    ``ended_at`` is by our clock, as far as that of the device could be compared with it when the log was read.
    """

    concentrator = models.ForeignKey(
        Concentrator, on_delete=models.CASCADE, related_name="power_failures", db_index=False
    )
    ended_at = models.DateTimeField(_l("power back at"))
    duration_s = models.PositiveBigIntegerField(_l("duration in seconds"))
    read_at = models.DateTimeField(_l("read at"))
    #: What the device's clock said: by it and the duration an entry that is read again is known as the same, however
    #: wrong the clock was then and is now. None: not known.
    device_at = models.DateTimeField(_l("power back by its clock"), null=True)

    objects = PowerFailureQuerySet.as_manager()

    class Meta:
        verbose_name = _l("power failure")
        verbose_name_plural = _l("power failures")
        ordering = ["-ended_at"]
        constraints = [
            models.UniqueConstraint(fields=["concentrator", "ended_at"], name="one_power_failure_a_time"),
            models.UniqueConstraint(
                fields=["concentrator", "device_at", "duration_s"], name="one_power_failure_an_entry"
            ),
        ]

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
    #: Since the boot, or since it was last read; the most that there are once it is given up.
    tries = models.PositiveSmallIntegerField(_l("tries"), default=0)
    #: Of the last try: a member of Failure and, behind a colon, what more is to be said.
    failure = models.CharField(_l("failure"), max_length=200, blank=True, default="")
    #: Entries of the last reading that could not be read.
    skipped = models.PositiveIntegerField(_l("entries that could not be read"), default=0, db_default=0)
    held_until = models.DateTimeField(null=True)  # by the process that reads it now

    class Meta:
        verbose_name = _l("log of power failures")
        verbose_name_plural = _l("logs of power failures")
        indexes = [models.Index(fields=["due_at"], name="power_log_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.due_at}"

    @property
    def reason(self) -> str:
        """Why the last try failed, in words; what the device said is in English. Empty if it did not fail."""
        name, _colon, detail = self.failure.partition(": ")
        if name not in Failure.values:
            return self.failure
        label = str(Failure(name).label)
        return f"{label} ({detail})" if detail else label
