"""What a file would do, row by row (CON-5)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.importing.columns import ATTRIBUTES, PASSWORD
from concentrators.importing.plan import KEYS_BIT, PASSWORD_BIT
from concentrators.models import (
    CHANGES,
    InstallationFile,
    InstallationRow,
    RowKind,
)
from concentrators.upload.wording import NOTHING, Wording, label_of
from smmeplus.common.chunks import in_keys
from smmeplus.common.lists import ListFilterSet, ListPaginator, ListTable

KEYS = "keys"  # title, both keys and policy, as one column that changes
_OTHER_BITS = {PASSWORD: PASSWORD_BIT, KEYS: KEYS_BIT}
MANY = 250  # so many are found before all rows were looked at
SHOWN_KINDS = [(kind.value, kind.label) for kind in RowKind if kind != RowKind.UNCHANGED]


def shown_rows(file: InstallationFile) -> QuerySet[InstallationRow]:
    """The rows of ``file`` that are shown, in the order of the preview: those that change nothing are only counted."""
    return InstallationRow.objects.filter(file=file, kind__lt=RowKind.UNCHANGED).order_by("kind", "line")


class RowFilterSet(ListFilterSet):
    kind = django_filters.ChoiceFilter(label=_l("What"), choices=SHOWN_KINDS, empty_label=_l("All"))
    column = django_filters.ChoiceFilter(label=_l("Column that changes"), method="changing", empty_label=_l("All"))
    q = django_filters.CharFilter(
        label=_l("Serial number"), method="search", widget=forms.TextInput({"type": "search"})
    )

    class Meta:
        model = InstallationRow
        fields = ["kind", "column", "q"]

    def __init__(self, *args: Any, columns: Iterable[int], **kwargs: Any) -> None:
        """``columns``: the bits of the columns that rows of the file change together."""
        super().__init__(*args, **kwargs)
        self.is_short = False  # whether a search has found so few that they are better loaded than counted
        self._columns = tuple(columns)
        names = [*((name, label_of(name)) for name in ATTRIBUTES), (PASSWORD, _("Management password"))]
        names.append((KEYS, _("Keys of ciphered messages")))
        self.filters["column"].extra["choices"] = [
            (name, label) for name, label in names if any(bits & _bit(name) for bits in self._columns)
        ]

    def changing(self, rows: QuerySet[InstallationRow], _name: str, column: str) -> QuerySet[InstallationRow]:
        # The database finds a few sets of columns by an index; by a bit it would look at every row.
        return rows.filter(kind__in=CHANGES, columns__in=[bits for bits in self._columns if bits & _bit(column)])

    def search(self, rows: QuerySet[InstallationRow], _name: str, text: str) -> QuerySet[InstallationRow]:
        found = rows.filter(serial_number__contains=text.strip().upper())
        # Looked for once, not once to count and once to show: no index helps, and each takes most of the time.
        keys = list(found.order_by().values_list("pk", flat=True)[: MANY + 1])
        self.is_short = len(keys) <= MANY
        return rows.filter(in_keys(keys)) if self.is_short else found


def _bit(column: str) -> int:
    return _OTHER_BITS.get(column) or 1 << ATTRIBUTES.index(column)


class ShortPaginator(ListPaginator):
    """Loads all rows, of which there are few, and so need not have them counted."""

    @cached_property
    def _counted(self) -> int:
        loaded: Any = self.object_list
        return len(loaded.data.data)


class RowTable(ListTable):
    """Not to be sorted: what may be a mistake comes first, and within that the lines of the file."""

    line = tables.Column(verbose_name=_l("Line"), attrs={"td": {"class": "number"}})
    serial_number = tables.Column(verbose_name=_l("Serial number"))
    kind = tables.Column(verbose_name=_l("What"))
    says = tables.Column(verbose_name=_l("What changes, or what is right"), empty_values=(), accessor="pk")

    class Meta:
        orderable = False
        empty_text = _l("No row matches. Change the filters; rows that change nothing are only counted.")

    def __init__(self, found: RowFilterSet, request: HttpRequest) -> None:
        rows = found.qs
        if found.is_short:
            self.paginator_class = ShortPaginator
        super().__init__(rows, request)
        self.caption = _("Rows")
        self.wording = Wording()

    def render_kind(self, record: InstallationRow) -> str:
        kind = RowKind(record.kind)
        return format_html('<span class="badge text-bg-{}">{}</span>', kind.colour, kind.label)

    def render_serial_number(self, value: str) -> str:
        return value or NOTHING

    def render_says(self, record: InstallationRow) -> str:
        lines = [(line,) for line in self.wording.lines(record)]
        if not lines:
            return NOTHING
        # What is new says much, of which nothing is compared with anything.
        kind = "said in-line" if record.kind == RowKind.NEW else "said"
        return format_html('<ul class="{}">{}</ul>', kind, format_html_join("", "<li>{}</li>", lines))
