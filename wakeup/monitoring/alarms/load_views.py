"""Technical area, Monitoring: the product's own alarm load beside its limits (STA-9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View

from smmeplus.common.exporting import FORMATS, ExportColumn, export
from smmeplus.common.request import now_of
from wakeup.monitoring.alarms.load import Figures
from wakeup.monitoring.alarms.measures import MEASURES, PERIODS, as_table, load_for

TYPES = {
    "figure": "CharField",
    "hours": "IntegerField",
    "value": "FloatField",
    "limit": "CharField",
    "is_kept": "BooleanField",
}
EXPORT_COLUMNS = tuple(ExportColumn(name, name) for name in TYPES)


class LoadRows:
    """A row for each figure of each time."""

    def __init__(self, load: Sequence[Figures]) -> None:
        self._load = load

    def types(self, paths: Sequence[str]) -> list[str]:
        return [TYPES[path] for path in paths]

    def values(self, paths: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for hours, figures in zip(PERIODS, self._load, strict=True):
            for measure in MEASURES:
                value = measure.value(figures)
                row = {
                    "figure": measure.name,
                    "hours": hours,
                    "value": None if value is None else round(value, 3),
                    "limit": str(measure.limit),
                    "is_kept": measure.is_kept(figures),
                }
                yield tuple(row[path] for path in paths)


class LoadPage(PermissionRequiredMixin, View):
    permission_required = "wakeup.view_alarm"
    title = _l("Alarm load")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        load, now, file_format = load_for(request.user, now_of(request)), now_of(request), request.GET.get("export")
        if file_format in FORMATS:
            rows, title = LoadRows(load), str(self.title)
            return export(rows, EXPORT_COLUMNS, file_format=file_format, name=f"{title} {now:%Y-%m-%d}", title=title)
        context = {"title": self.title, "measures": as_table(load), "formats": FORMATS}
        return render(request, "alarms/load.html", context)
