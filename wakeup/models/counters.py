"""The counters behind the reports: a report never adds up messages (REP-8)."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, Concentrator, sees_all

_Model = TypeVar("_Model", bound=models.Model, covariant=True)


class OfConcentratorQuerySet(models.QuerySet[_Model]):
    def visible_to(self, user: AnyUser) -> Self:
        if sees_all(user):
            return self
        return self.filter(concentrator__company__in=Company.objects.visible_to(user))


class TotalQuerySet(OfConcentratorQuerySet["WakeupTotal"]):
    def close_days(self) -> None:
        """Have the rows of open days written, as when another one begins: a trigger does."""
        self.filter(day__isnull=False).update(day=None, day_count=0, day_first_at=None)

    def open_days(self) -> None:
        """Open the day of each last wake-up again, where days are open at all: the trigger brings its row in."""
        same = {name: models.OuterRef(name) for name in ("concentrator", "last_wakeup_at", "source_ip")}
        if connection.vendor == "postgresql":
            self.update(day=models.Subquery(ClosedDay.objects.filter(**same).order_by("-day").values("day")[:1]))


class WakeupTotal(models.Model):
    """All wake-ups of a concentrator, and those of the day that is open (REP-2).

    That is the reporting day of the last wake-up, whose time and address are the day's as well. Only PostgreSQL has
    open days: there a day's row is written when the next one begins, and a message costs one counter instead of two.
    Where none is open ``day`` is empty, and all days are in :class:`ClosedDay`.
    """

    concentrator = models.OneToOneField(
        Concentrator, verbose_name=_l("concentrator"), on_delete=models.PROTECT, primary_key=True, related_name="total"
    )
    first_wakeup_at = models.DateTimeField(_l("first wake up"), null=True)
    last_wakeup_at = models.DateTimeField(_l("last wake up"), null=True)
    wakeup_count = models.BigIntegerField(_l("wake up count"), default=0)
    last_gasp_at = models.DateTimeField(_l("last gasp"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"), null=True, help_text=_l("That of the last wake-up."))
    port = models.IntegerField(_l("port"), null=True)
    day = models.DateField(_l("date"), null=True)
    # By default of the database, because listeners of the version before leave it out.
    day_count = models.IntegerField(_l("daily msg count"), default=0, db_default=0)
    day_first_at = models.DateTimeField(_l("first wake up"), null=True)

    objects = TotalQuerySet.as_manager()

    class Meta:
        verbose_name = _l("wake-up total")
        verbose_name_plural = _l("wake-up totals")
        indexes = [
            # A message that is no last gasp leaves its value alone, and so costs no more than without.
            models.Index(fields=["last_gasp_at"], name="total_by_gasp", condition=Q(last_gasp_at__isnull=False)),
            # As that of closed days: a report reads both in the same order. It changes once a day.
            models.Index(fields=["day", "concentrator"], name="total_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.wakeup_count}"


class _OfDay(models.Model):
    concentrator_id: int
    pk = models.CompositePrimaryKey("concentrator_id", "day")
    day = models.DateField(_l("date"))
    wakeup_count = models.IntegerField(_l("daily msg count"), default=0)
    first_wakeup_at = models.DateTimeField(_l("first wake up"))
    last_wakeup_at = models.DateTimeField(_l("last wake up"))
    source_ip = models.GenericIPAddressField(_l("IP address"), help_text=_l("That of the day's last wake-up."))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.day}: {self.wakeup_count}"


class ClosedDay(_OfDay):
    """A row of :class:`DailyCount` that is stored as such, for what writes it. All others read that."""

    concentrator = models.ForeignKey(
        Concentrator, verbose_name=_l("concentrator"), on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    objects = OfConcentratorQuerySet["ClosedDay"].as_manager()

    class Meta:
        db_table = "wakeup_dailycount"  # listeners of the version before write there
        verbose_name = _l("wake-ups of a day")
        verbose_name_plural = _l("wake-ups per day")
        default_permissions = ()
        indexes = [models.Index(fields=["day", "concentrator"], name="daily_count_by_day")]


class _DailyCounts(models.Manager["DailyCount"]):
    def get_queryset(self) -> OfConcentratorQuerySet[DailyCount]:
        # Not in the view: PostgreSQL would no longer look concentrators up in it, but read all days.
        return OfConcentratorQuerySet(self.model, using=self._db).filter(day__isnull=False)

    def visible_to(self, user: AnyUser) -> OfConcentratorQuerySet[DailyCount]:
        return self.get_queryset().visible_to(user)


class DailyCount(_OfDay):
    """The number of a concentrator's wake-ups on one reporting day (REP-3, REP-5).

    A view of the days that are closed and those that are open.
    """

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="daily_counts",
    )

    objects = _DailyCounts()

    class Meta:
        managed = False
        db_table = "wakeup_day"
        verbose_name = _l("wake-ups of a day")
        verbose_name_plural = _l("wake-ups per day")
