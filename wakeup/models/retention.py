from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l


class Retention(models.Model):
    """The one row that says which messages have been pruned; the counts that they led to are kept for ever."""

    THE_ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    #: Some or all of the messages received before this instant are gone: their days cannot be counted anew.
    pruned_before = models.DateTimeField(_l("pruned before"))

    class Meta:
        verbose_name = verbose_name_plural = _l("retention of messages")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_retention")]

    def __str__(self) -> str:
        return str(self.pruned_before)

    @classmethod
    def pruned_until(cls) -> datetime | None:
        """The instant before which messages have been pruned; None while all are kept."""
        return cls.objects.filter(pk=cls.THE_ROW).values_list("pruned_before", flat=True).first()

    @classmethod
    def advance(cls, limit: datetime) -> None:
        """Note that messages from before ``limit`` are deleted, in the same transaction. The instant never goes back.

        The caller holds the counting zones; otherwise messages could vanish while a rebuild counts them.
        """
        row, _created = cls.objects.get_or_create(pk=cls.THE_ROW, defaults={"pruned_before": limit})
        if row.pruned_before < limit:
            cls.objects.filter(pruned_before__lt=limit).update(pruned_before=limit)
