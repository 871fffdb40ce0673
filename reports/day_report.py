"""The figures of a company's reporting day, by the queries of the pages, so that both agree (REP-3, REP-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.text import slugify

from concentrators.models import AnyUser, Assignment, Company, Concentrator
from profiles.models import SystemSettings
from reports.exports import PER_DAY_COLUMNS
from reports.queries import daily_counts, in_field, with_expected_of
from smmeplus.common.exporting import ExportColumn, csv_blocks
from wakeup.counts.days import DAY, begin_of
from wakeup.models import DailyCount, Outage
from wakeup.monitoring.alarms import load
from wakeup.monitoring.expected.sql import silent_on
from wakeup.monitoring.incidents.pages.queries import single_silent
from wakeup.monitoring.status.rules import StatusReason, Timing
from wakeup.monitoring.status.sql import with_status


class Figures(NamedTuple):
    """A day in numbers: the first four of concentrators, the others of wake-ups.

    ``silent`` were in field that day and were expected to call, but did not; they may have been removed since.
    ``never_called`` are in field now and have not called since they were installed.
    """

    in_field: int
    called: int
    silent: int
    never_called: int
    received: int
    expected: int
    missing: int


@dataclass(frozen=True)
class DayReport:
    """The reporting day ``day`` of ``company``, cut in ``zone`` and over at ``now``, as ``reader`` sees it."""

    company: Company
    day: date
    zone: ZoneInfo
    reader: AnyUser
    settings: SystemSettings
    now: datetime

    @property
    def begin(self) -> datetime:
        return begin_of(self.day, self.zone)

    @property
    def end(self) -> datetime:
        return begin_of(self.day + DAY, self.zone)

    @property
    def counts(self) -> QuerySet[DailyCount]:
        """The rows of *Wake up messages per day*."""
        rows = daily_counts(self.reader).filter(concentrator__company=self.company, day=self.day)
        return with_expected_of(rows, {self.company.pk: self.zone}, self.day, self.day, self.now)

    @property
    def silent(self) -> QuerySet[Any]:
        """The silent concentrators with ``expected``."""
        of_company = Concentrator.objects.visible_to(self.reader).of_the_field().filter(company=self.company)
        return silent_on(of_company, self.day, self.zone, self.now).annotate(expected=F("expected"))

    @cached_property
    def figures(self) -> Figures:
        """The day in numbers; four queries."""
        counts = self.counts.order_by().aggregate(
            called=Count("*"), received=Sum("wakeup_count"), due=Sum("expected"), lacking=Sum("missing")
        )
        silent = self.silent.order_by().aggregate(n=Count("*"), due=Sum("expected"))
        not_sent = silent["due"] or 0
        return Figures(
            in_field=self._numbers[0],
            called=counts["called"],
            silent=silent["n"],
            never_called=self._never_called(),
            received=counts["received"] or 0,
            expected=(counts["due"] or 0) + not_sent,
            missing=(counts["lacking"] or 0) + not_sent,
        )

    def _never_called(self) -> int:
        now_in_field = in_field(self.reader).filter(company=self.company)
        rows = with_status(now_in_field, self.now, Timing.of_page(self.settings))
        return rows.filter(status_reason=StatusReason.NEVER_CALLED).order_by().count()

    @cached_property
    def alarm_load(self) -> load.Figures:
        """Of the alarms of the day, as far as they are about the company or about none."""
        return load.figures_of_alarms([self.company.pk], self.begin, self.end)

    @property
    def single_silent(self) -> int:
        """How many concentrators are on the work list by now."""
        return self._numbers[1]

    @cached_property
    def _numbers(self) -> tuple[int, int]:
        """Of those in field that day, and of those that are silent by themselves now; one query for both."""
        began = Assignment.objects.filter(concentrator__company=OuterRef("pk"), begin__lt=self.end)
        held = began.filter(Q(end__isnull=True) | Q(end__gt=self.begin)).order_by().values("concentrator__company")
        silent = single_silent(Outage.objects.filter(company=OuterRef("pk")), self.now).order_by().values("company")
        counts = (held.annotate(n=Count("concentrator", distinct=True)), silent.annotate(n=Count("pk")))
        asked = [Coalesce(Subquery(count.values("n")), 0) for count in counts]
        in_field, single = Company.objects.values_list(*asked).get(pk=self.company.pk)
        return int(in_field), int(single)

    @property
    def file_name(self) -> str:
        """What the archive is called, without its ending."""
        return f"wake-ups-{slugify(self.company.name) or self.company.pk}-{self.day}"

    def write_archive(self, file: IO[bytes]) -> None:
        """Write the day and its silent concentrators as two CSV files into a zip archive; two queries, streamed."""
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            per_day = self.counts.order_by("concentrator__serial_number")
            _add_csv(archive, f"{self.file_name}.csv", per_day, PER_DAY_COLUMNS)
            silent = self.silent.order_by("serial_number")
            _add_csv(archive, f"{self.file_name}-silent.csv", silent, _silent_columns(self.company.zone))


def _silent_columns(zone: ZoneInfo) -> Sequence[ExportColumn]:
    """``zone`` is that of concentrators without one of their own."""
    return (
        ExportColumn("concentrator_name", "serial_number"),
        ExportColumn("state", "state"),
        ExportColumn("substation", "substation"),
        ExportColumn("feeder", "feeder"),
        ExportColumn("customers", "customers"),
        ExportColumn("spontaneous_profile", "profile__name"),
        ExportColumn("expected", "expected"),
        ExportColumn("last_wake_up_date_local", "total__last_wakeup_at", zone, own_zone="time_zone"),
    )


def _add_csv(archive: ZipFile, name: str, rows: QuerySet[Any], columns: Sequence[ExportColumn]) -> None:
    with archive.open(name, "w") as file:
        for block in csv_blocks(rows, columns):
            file.write(block)
