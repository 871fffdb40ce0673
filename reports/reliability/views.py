"""Report, Monitoring, Reliability: the figures of a month and the concentrators that they are of (STA-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View

from concentrators.models import Company, Concentrator
from reports.reliability.figures import MonthReport
from reports.reliability.filters import ReliabilityFilterSet, month_at
from reports.reliability.months import Month
from reports.reliability.pdf import pdf_of
from reports.reliability.sections import SCOPES, causes_of, facts_of, matrix_of, notes_of_indices, places_of
from reports.reliability.stored.reading import with_stored
from reports.reliability.tables import EXPORT_COLUMNS, AvailabilityTable
from reports.reliability.workbook import WORKBOOK, workbook_of
from reports.views import UTC_ZONE, Report
from wakeup.counts.days import DAY

PERMISSION = "wakeup.view_outage"


class ReliabilityReport(PermissionRequiredMixin, Report):  # type: ignore[misc] # both dispatch alike
    model = Concentrator
    filterset_class = ReliabilityFilterSet
    table_class = AvailabilityTable
    template_name = "reports/reliability.html"
    permission_required = PERMISSION
    export_columns = EXPORT_COLUMNS
    title = _l("Reliability")
    description = _l(
        "This report shows how long and how often customers were without power in a month, and how available each "
        "concentrator was. The figures are indicative."
    )

    def get_queryset(self) -> QuerySet[Model]:
        return Concentrator.objects.visible_to(self.request.user).of_the_field()

    @cached_property
    def companies(self) -> list[Company]:
        """With what is stored of the month that may be asked for: the present one depends on the company's zone."""
        try:
            months = {Month.parse(self.request.GET.get("month", ""))}
        except ValueError:
            months = {month_at(at, UTC_ZONE) for at in (self.now - DAY, self.now + DAY)}
        return with_stored(Company.objects.visible_to(self.request.user), months)

    @property
    def this_month(self) -> Month:
        return month_at(self.now, self.zone)

    def defaults(self) -> dict[str, str]:
        return {"month": str(self.this_month)}

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("This month"), {"month": str(self.this_month)}
        yield _l("Last month"), {"month": str(self.this_month.previous)}

    def get_export_name(self) -> str:
        report = self.filterset.report
        return report.file_name if report else str(self.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **self._figures())

    def _figures(self) -> dict[str, Any]:
        report: MonthReport | None = self.filterset.report
        if report is None or not self._shows_figures:
            return {}
        query = urlencode({"company": report.company.pk, "month": report.month})
        return {
            "report": report,
            "stored_at": report.stored and report.now.astimezone(report.zone),
            "facts": facts_of(report),
            "scopes": SCOPES.values(),
            "matrix": matrix_of(report),
            "notes_of_indices": notes_of_indices(),
            "sections": [causes_of(report), places_of(report)],
            "files_query": query,
            "other_zone": "" if self.counting_zone == report.zone else str(self.counting_zone),
        }

    @property
    def _shows_figures(self) -> bool:
        """Not for a file, a number, a page of the list or the printed list."""
        is_of_the_list = self.request.GET.keys() & {"export", "count", "print"}
        return not is_of_the_list and "table.html" not in self.get_template_names()

    @property
    def _is_for_filters(self) -> bool:
        return bool(self.request.htmx) and self.request.htmx.target == "month"

    def get_template_names(self) -> list[str]:
        return ["reports/reliability_month.html"] if self._is_for_filters else super().get_template_names()


class _MonthFile(PermissionRequiredMixin, View):
    """The month of the address as a file; 404 for a month or a company that the user cannot ask for."""

    permission_required = PERMISSION
    content_type: ClassVar[str]
    ending: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = Concentrator.objects.visible_to(request.user).of_the_field()
        filterset = ReliabilityFilterSet(request.GET, rows, request=request)
        report = filterset.report
        if report is None:
            raise Http404
        response = HttpResponse(self.made(report, filterset.qs), content_type=self.content_type)
        name = content_disposition_header(as_attachment=True, filename=f"{report.file_name}.{self.ending}")
        response["Content-Disposition"] = name or ""
        return response

    def made(self, report: MonthReport, rows: QuerySet[Any]) -> bytes:
        raise NotImplementedError


class ReliabilityPdf(_MonthFile):
    content_type = "application/pdf"
    ending = "pdf"

    def made(self, report: MonthReport, rows: QuerySet[Any]) -> bytes:
        return pdf_of(report, rows)


class ReliabilityWorkbook(_MonthFile):
    content_type = WORKBOOK
    ending = "xlsx"

    def made(self, report: MonthReport, rows: QuerySet[Any]) -> bytes:
        return workbook_of(report, rows)
