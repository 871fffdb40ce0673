from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _l

from wakeup.models.strays import MAX_SENDER


class SurplusCount(models.Model):
    """Messages of a sender and minute that were above its rate (SEC-2): answered, but in no total and no day."""

    sender = models.CharField(_l("sender"), max_length=MAX_SENDER, help_text=_l("Serial number or address."))
    minute = models.DateTimeField(_l("minute"))  # its beginning
    count = models.BigIntegerField(_l("count"))

    class Meta:
        verbose_name = verbose_name_plural = _l("surplus messages")
        constraints = [models.UniqueConstraint(fields=["sender", "minute"], name="one_row_a_minute_of_surplus")]

    def __str__(self) -> str:
        return f"{self.sender} {self.minute:%Y-%m-%d %H:%M}"
