"""The counters behind the reports: a report never adds up messages (REP-8)."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, Concentrator, sees_all

_Model = TypeVar("_Model", bound=models.Model, covariant=True)


class OfConcentratorQuerySet(models.QuerySet[_Model]):
    def visible_to(self, user: AnyUser) -> Self:
        if sees_all(user):
            return self
        return self.filter(concentrator__company__in=Company.objects.visible_to(user))


class WakeupTotal(models.Model):
    concentrator = models.OneToOneField(
        Concentrator, verbose_name=_l("concentrator"), on_delete=models.PROTECT, primary_key=True, related_name="total"
    )
    first_wakeup_at = models.DateTimeField(_l("first wake up"), null=True)
    last_wakeup_at = models.DateTimeField(_l("last wake up"), null=True)
    wakeup_count = models.BigIntegerField(_l("wake up count"), default=0)
    last_gasp_at = models.DateTimeField(_l("last gasp"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"), null=True, help_text=_l("That of the last wake-up."))
    port = models.IntegerField(_l("port"), null=True)

    objects = OfConcentratorQuerySet["WakeupTotal"].as_manager()

    class Meta:
        verbose_name = _l("wake-up total")
        verbose_name_plural = _l("wake-up totals")
        # A message that is no last gasp leaves its value alone, and so costs no more than without.
        indexes = [models.Index(fields=["last_gasp_at"], name="total_by_gasp", condition=Q(last_gasp_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.wakeup_count}"


class DailyCount(models.Model):
    """The number of a concentrator's wake-ups on one reporting day (REP-3, REP-5)."""

    pk = models.CompositePrimaryKey("concentrator_id", "day")
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.PROTECT,
        db_index=False,
        related_name="daily_counts",
    )
    day = models.DateField(_l("date"))
    wakeup_count = models.IntegerField(_l("daily msg count"), default=0)
    first_wakeup_at = models.DateTimeField(_l("first wake up"))
    last_wakeup_at = models.DateTimeField(_l("last wake up"))
    source_ip = models.GenericIPAddressField(_l("IP address"), help_text=_l("That of the day's last wake-up."))

    objects = OfConcentratorQuerySet["DailyCount"].as_manager()

    class Meta:
        verbose_name = _l("wake-ups of a day")
        verbose_name_plural = _l("wake-ups per day")
        indexes = [models.Index(fields=["day", "concentrator"], name="daily_count_by_day")]

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.day}: {self.wakeup_count}"
