"""How many messages came in each minute, beside how many were due (UI-2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company


class MinuteCount(models.Model):
    """A company's wake-ups and other messages of one minute, without those of canaries.

    Counted from the messages once the minute is over, never while they are recorded: nothing that is answered waits
    for it.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    minute = models.DateTimeField(_l("minute"))  # its beginning
    wakeups = models.IntegerField(_l("wake-ups"), default=0)
    others = models.IntegerField(_l("other messages"), default=0)
    #: Wake-ups a minute that those in field and in service owe by their periods, at that time.
    expected = models.FloatField(_l("expected"), default=0.0)

    class Meta:
        verbose_name = _l("messages of a minute")
        verbose_name_plural = _l("messages by the minute")
        constraints = [models.UniqueConstraint(fields=["minute", "company"], name="one_count_a_minute")]

    def __str__(self) -> str:
        return f"{self.company_id} {self.minute:%Y-%m-%d %H:%M}"
