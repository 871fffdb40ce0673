"""What a file of meters would do, row by row (MET-2)."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.meters.upload.wording import differences
from concentrators.models import MeterFile, MeterFileRow, MeterRowKind
from concentrators.upload.wording import NOTHING
from smmeplus.common.lists import ListFilterSet, ListTable

SHOWN_KINDS = [(kind.value, kind.label) for kind in MeterRowKind if kind != MeterRowKind.UNCHANGED]


def shown_rows(file: MeterFile) -> QuerySet[MeterFileRow]:
    """In the order of the preview."""
    return MeterFileRow.objects.filter(file=file).order_by("kind", "pk")


class MeterRowFilterSet(ListFilterSet):
    kind = django_filters.ChoiceFilter(label=_l("What"), choices=SHOWN_KINDS, empty_label=_l("All"))
    q = django_filters.CharFilter(
        label=_l("Meter or concentrator"), method="search", widget=forms.TextInput({"type": "search"})
    )

    class Meta:
        model = MeterFileRow
        fields = ["kind", "q"]

    def search(self, rows: QuerySet[MeterFileRow], _name: str, text: str) -> QuerySet[MeterFileRow]:
        sought = text.strip().upper()
        return rows.filter(Q(meter__contains=sought) | Q(concentrator__contains=sought))


class MeterRowTable(ListTable):
    """Not to be sorted: what may be a mistake comes first, and within that the order of the file."""

    line = tables.Column(verbose_name=_l("Line"), attrs={"td": {"class": "number"}})
    concentrator = tables.Column(verbose_name=_l("Concentrator"), empty_values=())
    meter = tables.Column(verbose_name=_l("Meter name"), empty_values=())
    kind = tables.Column(verbose_name=_l("What"))
    says = tables.Column(verbose_name=_l("What changes, or what is right"), empty_values=(), accessor="pk")

    class Meta:
        orderable = False
        empty_text = _l("No row matches. Change the filters; meters that change nothing are only counted.")

    def __init__(self, file: MeterFile, rows: QuerySet[MeterFileRow], request: HttpRequest) -> None:
        self.zone = file.company.zone
        super().__init__(rows, request)
        self.caption = _("Rows")

    def render_line(self, value: int) -> str:
        return str(value) if value else NOTHING

    def render_concentrator(self, value: str) -> str:
        return value or NOTHING

    def render_meter(self, value: str) -> str:
        return value or NOTHING

    def render_kind(self, record: MeterFileRow) -> str:
        kind = MeterRowKind(record.kind)
        return format_html('<span class="badge text-bg-{}">{}</span>', kind.colour, kind.label)

    def render_says(self, record: MeterFileRow) -> str:
        lines = [(str(one),) for one in [*differences(record, self.zone), *record.faults]]
        if not lines:
            return NOTHING
        kind = "said in-line" if record.kind == MeterRowKind.NEW else "said"
        return format_html('<ul class="{}">{}</ul>', kind, format_html_join("", "<li>{}</li>", lines))
