"""The counters behind the reports: a report never adds up messages (REP-8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, Concentrator, sees_all
from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.recording.rows import MessageRow

_Model = TypeVar("_Model", bound=models.Model, covariant=True)


class OfConcentratorQuerySet(models.QuerySet[_Model]):
    """Rows that belong to a concentrator."""

    def visible_to(self, user: AnyUser) -> Self:
        """Those of the companies that ``user`` belongs to (ACC-1)."""
        if sees_all(user):
            return self
        return self.filter(concentrator__company__in=Company.objects.visible_to(user))


class WakeupTotalQuerySet(OfConcentratorQuerySet["WakeupTotal"]):
    def add(self, rows: Sequence[MessageRow]) -> None:
        """Count ``rows``, within the caller's transaction and with no other writer beside it."""
        totals = {total.pk: total for total in self.filter(pk__in={row.concentrator_id for row in rows})}
        for row in rows:
            totals.setdefault(row.concentrator_id, WakeupTotal(pk=row.concentrator_id)).count_in(row)
        self._upsert(list(totals.values()))

    def _upsert(self, totals: list[WakeupTotal]) -> None:
        self.bulk_create(
            totals,
            update_conflicts=True,
            unique_fields=["concentrator"],
            update_fields=[field.name for field in WakeupTotal._meta.fields if not field.primary_key],
        )


class WakeupTotal(models.Model):
    """First, last and number of a concentrator's wake-ups ever."""

    concentrator = models.OneToOneField(
        Concentrator, verbose_name=_l("concentrator"), on_delete=models.PROTECT, primary_key=True, related_name="total"
    )
    first_wakeup_at = models.DateTimeField(_l("first wake up"), null=True)
    last_wakeup_at = models.DateTimeField(_l("last wake up"), null=True)
    wakeup_count = models.BigIntegerField(_l("wake up count"), default=0)
    last_gasp_at = models.DateTimeField(_l("last gasp"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"), null=True, help_text=_l("That of the last wake-up."))
    port = models.IntegerField(_l("port"), null=True)

    objects = WakeupTotalQuerySet.as_manager()

    class Meta:
        verbose_name = _l("wake-up total")
        verbose_name_plural = _l("wake-up totals")

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.wakeup_count}"

    def count_in(self, row: MessageRow) -> None:
        """Add one message. Of wake-ups at the same instant the one counted last is the newest."""
        at = row.received_at
        if row.kind == Kind.LASTGASP:
            self.last_gasp_at = max(self.last_gasp_at or at, at)
        if row.kind not in WAKEUPS:
            return
        self.wakeup_count += 1
        self.first_wakeup_at = min(self.first_wakeup_at or at, at)
        if self.last_wakeup_at is None or at >= self.last_wakeup_at:
            self.last_wakeup_at, self.source_ip, self.port = at, row.source_ip, row.port


class DailyCountQuerySet(OfConcentratorQuerySet["DailyCount"]):
    def add(self, rows: Sequence[MessageRow]) -> None:
        """Count ``rows``, within the caller's transaction and with no other writer beside it."""
        wakeups = [row for row in rows if row.kind in WAKEUPS]
        near = self.filter(
            concentrator_id__in={row.concentrator_id for row in wakeups}, day__in={row.day for row in wakeups}
        )
        counts: dict[tuple[int, date], DailyCount] = {(count.concentrator_id, count.day): count for count in near}
        for row in wakeups:
            key = (row.concentrator_id, row.day)
            counts.setdefault(key, DailyCount(concentrator_id=key[0], day=key[1])).count_in(row)
        self.bulk_create(
            list(counts.values()),
            update_conflicts=True,
            unique_fields=["concentrator", "day"],
            update_fields=["wakeup_count", "first_wakeup_at", "last_wakeup_at", "source_ip"],
        )


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

    objects = DailyCountQuerySet.as_manager()

    class Meta:
        verbose_name = _l("wake-ups of a day")
        verbose_name_plural = _l("wake-ups per day")
        indexes = [models.Index(fields=["day", "concentrator"], name="daily_count_by_day")]

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.day}: {self.wakeup_count}"

    def count_in(self, row: MessageRow) -> None:
        """Add one wake-up of this day."""
        at, is_only = row.received_at, self.wakeup_count == 0
        self.wakeup_count += 1
        self.first_wakeup_at = at if is_only else min(self.first_wakeup_at, at)
        if is_only or at >= self.last_wakeup_at:
            self.last_wakeup_at, self.source_ip = at, row.source_ip
