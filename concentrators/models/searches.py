from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l


class PastedList(models.Model):
    """A list of serial numbers that somebody searches for, too long for an address (REP-6).

    Its key stands for it in every search. It says nothing of the inventory, so whoever has the key may use it.
    """

    KEPT = timedelta(days=30)
    PREFIX = "list:"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    words = models.TextField()  # one a line
    pasted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _l("pasted list")
        verbose_name_plural = _l("pasted lists")
        indexes = [models.Index(fields=["pasted_at"], name="pasted_list_by_age")]

    def __str__(self) -> str:
        return f"{self.PREFIX}{self.id}"
