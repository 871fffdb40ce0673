"""The step that stores months: safe to run twice, at any time, and at the same time as another (STA-6, PER-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Min, Value

from concentrators.models import Assignment, Company, Concentrator
from profiles.models import SystemSettings
from reports.models import ConcentratorMonth, StoredMonth
from reports.reliability.availability import FIGURES, with_availability
from reports.reliability.figures import Figures
from reports.reliability.months import Month, Span
from reports.reliability.stored.facts import facts_of, wakeups_of
from reports.reliability.stored.reading import is_of
from wakeup.models.zones import with_zones, zone_in_force

#: The present one, and so that a year can be compared with the year before.
KEPT = 13
#: A month that lasts is computed no more often than this.
EVERY = timedelta(minutes=20)
#: Wake-ups of months that are over, which come in only by import, are added up no more often than this.
COUNTED_EVERY = timedelta(days=1)


def store_months(now: datetime) -> int:
    """Store what is new of all months that are kept; how many that were."""
    settings, stored = SystemSettings.current(), 0
    for company in with_zones(Company.objects.order_by("pk")):
        months = months_of(company, now)
        for rows in (StoredMonth, ConcentratorMonth):
            rows.objects.filter(company=company, month__lt=months[-1].first).delete()
        counting = zone_in_force(company, settings)
        stored += sum(OfCompany(company, month, counting, now).keep() for month in months)
    return stored


def months_of(company: Company, now: datetime) -> list[Month]:
    """The present one and, back to the first installation, those before it."""
    present = Month.of(now.astimezone(company.zone).date())
    installed = Assignment.objects.filter(concentrator__company=company).aggregate(at=Min("begin"))["at"]
    months = [present]
    while installed and len(months) < KEPT and months[-1].span(company.zone, now).begin > installed:
        months.append(months[-1].previous)
    return months


class OfCompany(NamedTuple):
    """A month of a company, to be stored."""

    company: Company
    month: Month
    counting_zone: ZoneInfo
    now: datetime

    @property
    def span(self) -> Span:
        return self.month.span(self.company.zone, self.now)

    def keep(self) -> bool:
        """Store the month if what is stored is another or too old; whether it was."""
        stored, _ = StoredMonth.objects.get_or_create(company=self.company, month=self.month.first)
        with transaction.atomic():
            stored = StoredMonth.objects.select_for_update().get(pk=stored.pk)
            is_new = self._look(stored)
            if is_new:
                self._store(stored)
            stored.looked_at = self.now
            stored.save()
        return is_new

    def _look(self, stored: StoredMonth) -> bool:
        """Whether it has to be stored anew. What was found out meanwhile is kept in ``stored``."""
        if stored.as_of is None or not is_of(stored, self.company, self.counting_zone):
            return True
        # An outage that had just begun when the month ended was momentary as far as anybody knew.
        settled_at = self.span.end + timedelta(minutes=self.company.momentary_limit_min)
        if stored.as_of <= settled_at:
            return self.now - stored.as_of >= EVERY or self.now > settled_at
        return self._has_changed(stored)

    def _has_changed(self, stored: StoredMonth) -> bool:
        if stored.facts != facts_of(self.company, self.span):
            return True
        if stored.figures != Figures.computed(self.company, self.span).packed():
            return True
        if stored.counted_at and self.now - stored.counted_at < COUNTED_EVERY:
            return False
        before, stored.wakeups, stored.counted_at = stored.wakeups, wakeups_of(self.company, self.month), self.now
        return bool(before != stored.wakeups)

    def _store(self, stored: StoredMonth) -> None:
        stored.as_of = self.now
        stored.time_zone, stored.counting_zone = self.company.time_zone, self.counting_zone.key
        stored.momentary_limit_min = self.company.momentary_limit_min
        stored.figures = Figures.computed(self.company, self.span).packed()
        stored.facts = facts_of(self.company, self.span)
        if self.span.is_over:
            stored.wakeups, stored.counted_at = wakeups_of(self.company, self.month), self.now
        self._store_concentrators()

    def _store_concentrators(self) -> None:
        """The database copies them itself; whoever reads meanwhile sees all of the old rows or all of the new ones."""
        ConcentratorMonth.objects.filter(company=self.company, month=self.month.first).delete()
        of_company = Concentrator.objects.of_the_field().filter(company=self.company)
        rows = with_availability(of_company, self.month, self.company.zone, self.counting_zone, self.now)
        mine = {"month_": Value(self.month.first), "worst_": F("worst")}
        values = rows.annotate(**mine).order_by().values_list("pk", "company_id", *mine, "serial_number", *FIGURES)
        select, parameters = values.query.sql_with_params()
        columns = ", ".join(("concentrator_id", "company_id", "month", "worst", "serial_number", *FIGURES))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {ConcentratorMonth._meta.db_table} ({columns}) {select}", parameters)
