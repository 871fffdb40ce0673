"""Months as they are stored (STA-6, PER-4): computing one takes seconds where a company has 200,000 concentrators.

`manage.py storemonths` stores them. The present month is computed anew each time, and one that is over when something
has changed that it follows from. What is stored counts only while that command is known to run, so that a timer that
stands still makes no page lie: the month is then computed for each page.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q, QuerySet

from concentrators.models import Company
from reports.models import StoredMonth
from reports.reliability.figures import Figures, MonthReport
from reports.reliability.months import Month
from wakeup.models.zones import with_zones

#: Four turns of the timer.
TRUSTED = timedelta(hours=2)
_STORED = "_stored_by_month"


def report_of(company: Company, month: Month, counting_zone: ZoneInfo, now: datetime) -> MonthReport:
    """The month as it is stored, if that still counts; else to be computed. A query unless it came with_stored."""
    stored = _of(company, month)
    if stored and stored.as_of and counts(stored, company, counting_zone, month, now):
        return MonthReport(company, month, stored.as_of, Figures.unpacked(stored.figures))
    return MonthReport(company, month, now)


def with_stored(companies: QuerySet[Company], months: Collection[Month]) -> list[Company]:
    """``companies`` with their zones and with what is stored of a few ``months``, in one query."""
    relations = {
        f"stored_{number}": FilteredRelation("stored_months", condition=Q(stored_months__month=month.first))
        for number, month in enumerate(months)
    }
    found = with_zones(companies.annotate(**relations).select_related(*relations))
    for company in found:
        stored = {month: getattr(company, name, None) for month, name in zip(months, relations, strict=True)}
        setattr(company, _STORED, stored)
    return found


def _of(company: Company, month: Month) -> StoredMonth | None:
    known: dict[Month, StoredMonth | None] = getattr(company, _STORED, {})
    return known[month] if month in known else StoredMonth.objects.filter(company=company, month=month.first).first()


def counts(stored: StoredMonth, company: Company, counting_zone: ZoneInfo, month: Month, now: datetime) -> bool:
    """Whether the zones and the limit are the same, and somebody has lately looked whether the rest is."""
    if stored.as_of is None or stored.looked_at is None or not is_of(stored, company, counting_zone):
        return False
    span = month.span(company.zone, stored.as_of)
    return now - stored.looked_at <= TRUSTED and (span.is_over or now < span.end)


def is_of(stored: StoredMonth, company: Company, counting_zone: ZoneInfo) -> bool:
    as_stored = (stored.time_zone, stored.counting_zone, stored.momentary_limit_min)
    return as_stored == (company.time_zone, counting_zone.key, company.momentary_limit_min)
