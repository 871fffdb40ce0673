"""Report, Monitoring, Devices: the five reports on meters (MET-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator, MeterTally, Repeater, Sighting
from reports.meters.exports import (
    CONFLICT_COLUMNS,
    REPEATER_COLUMNS,
    TALLY_COLUMNS,
    count_columns,
    field_columns,
)
from reports.meters.filters import (
    ConflictFilterSet,
    CountFilterSet,
    RepeaterFilterSet,
    SightingFilterSet,
    TallyFilterSet,
)
from reports.meters.queries import (
    NO,
    YES,
    conflicting_sightings,
    counted_concentrators,
    shown_sightings,
    tallies,
)
from reports.meters.reconciling import Reconciliation, reconciled
from reports.meters.tables import ConflictTable, CountTable, FieldTable, RepeaterTable, TallyTable
from reports.meters.totals import meters_of, stored_total, tallied
from reports.views import Report
from smmeplus.common.exporting import ExportColumn, Rows
from smmeplus.common.lists import KeyedData, ListTable

SILENT_DAYS = "7"
#: Of so many meters the page says at once how they agree with the lists.
AT_ONCE = 1_000_000
AGREEMENT = "agreement"


class MeterReport(PermissionRequiredMixin, Report):  # type: ignore[misc] # both dispatch alike
    permission_required = "concentrators.view_meter"

    @cached_property
    def keys(self) -> list[int]:
        """Of the companies that the user sees."""
        return [company.pk for company in self.companies]

    def get_export_rows(self, table: ListTable) -> Rows:
        rows: QuerySet[Any] = table.data.data
        return table.data.shown(rows) if isinstance(table.data, KeyedData) else rows


class FieldReport(MeterReport):
    model = Sighting
    filterset_class = SightingFilterSet
    title = _l("Meters in field")
    description = _l(
        "This report shows each meter that a concentrator has in its list, once, at the concentrator where it counts."
    )

    def get_queryset(self) -> QuerySet[Model]:
        return shown_sightings(Sighting.objects.filter(company__in=self.keys, chosen=True))

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All in field"), {}
        yield _l("Permanent failure"), {"state": "permanent failure"}
        yield _l("Not seen for 7 days"), {"silent_days": SILENT_DAYS}
        yield _l("In conflict"), {"conflict": YES}

    def get_table(self) -> ListTable:
        few = {"at_once": self.filterset.is_searched}
        return FieldTable(self.object_list, self.request, zone=self.zone, stored_total=self._stored_total(), **few)

    def _stored_total(self) -> int | None:
        filterset = self.filterset
        if not filterset.form.is_valid():
            return 0
        if filterset.found is not None:
            return len(filterset.found)
        return stored_total(filterset.tallied, filterset.form.cleaned_data)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return field_columns(self.zone)


class CountReport(MeterReport):
    model = Concentrator
    filterset_class = CountFilterSet
    template_name = "reports/meter_counts_by_concentrator.html"
    title = _l("Count meters by concentrator")
    description = _l(
        "This report shows how many meters each concentrator in field has in its own list, and how many customers it "
        "serves."
    )

    def get_queryset(self) -> QuerySet[Model]:
        rows = counted_concentrators(Concentrator.objects.filter(company__in=self.keys))
        return rows.filter(installed_at__lte=self.snapshot) if self.snapshot else rows

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All in field"), {}
        yield _l("No list yet"), {"listed": NO}
        yield _l("With permanent failures"), {"failures": YES, "sort": "-permanent"}
        yield _l("In conflict"), {"conflict": YES, "sort": "-in_conflict"}

    def get_table(self) -> ListTable:
        return CountTable(self.object_list, self.request, zone=self.zone)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return count_columns(self.zone)


class ConflictReport(MeterReport):
    model = Sighting
    filterset_class = ConflictFilterSet
    export_columns = CONFLICT_COLUMNS
    permission_required = "concentrators.view_meterconflict"
    title = _l("Concentrator autodiscovery conflicts")
    description = _l(
        "This report shows each meter that several concentrators have in their lists, with a row for each of them. "
        "Those that change between concentrators stand first."
    )

    def get_queryset(self) -> QuerySet[Model]:
        return conflicting_sightings(self.keys)

    def get_table(self) -> ListTable:
        found, few = self.filterset.found, {"at_once": self.filterset.is_searched}
        total = None if found is None else len(found)
        conflicts = self.filterset.conflicts
        return ConflictTable(self.object_list, self.request, stored_total=total, conflicts=conflicts, **few)

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All conflicts"), {}
        yield _l("Live"), {"kind": "live"}
        yield _l("Not decided"), {"decision": "undecided"}


class TallyReport(MeterReport):
    model = MeterTally
    filterset_class = TallyFilterSet
    template_name = "reports/meter_counts.html"
    export_columns = TALLY_COLUMNS
    title = _l("Count Meters")
    description = _l(
        "This report shows how many meters there are of each manufacturer, type and state. A meter in several lists "
        "counts once."
    )

    @cached_property
    def _meters(self) -> int:
        return meters_of(self.company.pk, tallied(self.request, self.keys)) if self.company else 0

    @property
    def reconciliation(self) -> Reconciliation | None:
        """Of many meters the page asks for it afterwards."""
        if not self.company or (self._meters > AT_ONCE and AGREEMENT not in self.request.GET):
            return None
        return reconciled(self.company.pk, tallied(self.request, self.keys))

    def get_queryset(self) -> QuerySet[Model]:
        return tallies(self.keys, self._meters)

    def get_table(self) -> ListTable:
        return TallyTable(self.object_list, self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, reconciliation=self.reconciliation)

    def get_template_names(self) -> list[str]:
        names: list[str] = super().get_template_names()
        if names != ["table.html"]:
            return names
        return ["reports/meter_agreement.html" if AGREEMENT in self.request.GET else "reports/meter_counts_list.html"]


class RepeaterReport(MeterReport):
    model = Repeater
    filterset_class = RepeaterFilterSet
    table_class = RepeaterTable
    export_columns = REPEATER_COLUMNS
    title = _l("Concentrator autodiscovery repeater")
    description = _l(
        "This report shows through which meters others are reached, and how many: a repeater that fails takes those "
        "behind it along."
    )

    def get_queryset(self) -> QuerySet[Model]:
        return Repeater.objects.filter(concentrator__company__in=self.keys)

    def views(self) -> Iterable[tuple[Any, Mapping[str, str]]]:
        yield _l("All repeaters"), {}
        yield _l("In permanent failure"), {"state": "permanent failure"}
        yield _l("Parent unknown"), {"orphans": YES}
