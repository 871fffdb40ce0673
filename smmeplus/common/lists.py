"""List pages: one queryset, one FilterSet and one table drive the page (UI-4, REP-6)."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import django_filters
import django_tables2 as tables
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import formats, timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django_filters.views import FilterView
from django_tables2.data import TableQuerysetData

from smmeplus.common.exporting import FORMATS, ExportColumn, Rows, export
from smmeplus.common.forms import style_widget
from smmeplus.common.paging import CappedPaginator

PAGE_SIZES = (25, 50, 100, 250)
#: Up to so many rows a list and what stands below it are in sight together.
SHORT = 10
#: So many rows are printed at most: some 150 sheets of paper, and what a browser lays out in a few seconds.
MOST_PRINTED = 5_000


class ListFilterSet(django_filters.FilterSet):  # type: ignore[misc] # untyped
    #: Filters of which the API takes one value, too, as a page does.
    single: Collection[str] = ()
    #: What the API was asked for several values of.
    several: Mapping[str, Sequence[Any]] = MappingProxyType({})

    @property
    def form(self) -> Any:
        form = super().form
        for field in form.fields.values():
            style_widget(field.widget)
        return form

    @property
    def not_found(self) -> str:
        """What to say of a search for several things of which some are not among the rows."""
        return ""

    @property
    def qs(self) -> Any:
        """The rows that match; none if a filter is wrong, for those of the others are not what was asked for."""
        rows = super().qs
        return rows if not self.is_bound or self.is_valid() else rows.none()

    def offer(self, name: str, things: Iterable[Model]) -> None:
        """Let the drop-down ``name`` choose among ``things``, loaded once for its list and its check alike."""
        self.filters[name].extra["choices"] = [(thing.pk, str(thing)) for thing in things]


class StableData(TableQuerysetData):  # type: ignore[misc] # untyped
    """Rows in the order asked for and, where that leaves a tie, in that of the primary key: pages never overlap."""

    data: QuerySet[Any]

    def order_by(self, aliases: Sequence[str]) -> None:
        super().order_by(aliases)
        self.data = self.data.order_by(*self.data.query.order_by, "pk")


class KeyedData(StableData):
    """Reads the keys of a page first and its rows by them: what a deep page skips is then neither joined nor made.

    With ``at_once`` it reads them as others do, in one query.
    """

    at_once = False

    def __getitem__(self, key: int | slice) -> Any:
        return _KeyedPage(self, key) if isinstance(key, slice) else super().__getitem__(key)

    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """``rows`` with what is shown of each, but neither filtered nor sorted by."""
        return rows


class _KeyedPage:
    """The rows of ``part``, read when they are asked for."""

    def __init__(self, data: KeyedData, part: slice) -> None:
        self._data = data
        self._part = part

    @cached_property
    def _found(self) -> list[Any]:
        rows = self._data.data
        if self._data.at_once:
            return list(self._data.shown(rows)[self._part])
        keys = list(rows.values_list("pk", flat=True)[self._part])
        return list(self._data.shown(rows.filter(pk__in=keys))) if keys else []

    def __iter__(self) -> Iterator[Any]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, place: int) -> Any:
        return self._found[place]


class ListPaginator(CappedPaginator):
    @property
    def rows(self) -> QuerySet[Any]:
        rows: Any = self.object_list
        queryset: QuerySet[Any] = rows.data.data
        return queryset.order_by().values("pk")  # neither sorted nor with columns that are costly to compute


class WholePaginator(ListPaginator):
    """Counts them all: what is printed says how many rows are missing."""

    CAP = sys.maxsize - 1


class ListTable(tables.Table):  # type: ignore[misc] # untyped
    """A table with a stable order, capped pages and a word on what to do when it is empty."""

    page_sizes = PAGE_SIZES
    target = "#list"  # what htmx replaces
    is_in_url = True  # whether order and page show in the browser's address
    export_formats: Iterable[str] = ()  # in which the page exports what the table shows, on all its pages
    paginator_class: type[Paginator[Any]] = ListPaginator
    not_found = ""  # what to say above it of a search
    is_short = False  # whether all rows are loaded, which saves the query that counts them
    frozen = 1  # so many columns stay in sight when the others are scrolled
    most_printed = MOST_PRINTED
    data_class: type[StableData] = StableData
    most_counted: int | None = None  # beyond so many rows a reader is told just that

    def __init__(self, rows: QuerySet[Any], request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(self.data_class(rows), **kwargs)
        self.request = request
        order = request.GET.getlist(self.prefixed_order_by_field)
        if order:
            self.order_by = order
        self.is_printed = self.is_in_url and "print" in request.GET
        asked = _page_size(request.GET.get(self.prefixed_per_page_field, ""))
        self.size = self.most_printed if self.is_printed else asked
        self._show_page(request.GET.get(self.prefixed_page_field, ""))

    def _show_page(self, number: str) -> None:
        """Show the page, or the last one if there are fewer: rows may have gone since the link was made."""
        if self.is_short:
            len(self.data.data)
        kind = WholePaginator if self.is_printed and self.paginator_class is ListPaginator else self.paginator_class
        self.paginate(kind, page=1, per_page=self.size)
        self.page = self.paginator.get_page(1 if self.is_printed else number or 1)

    @property
    def kept_fields(self) -> list[tuple[str, str]]:
        """Order and page size as far as the address asks for them: what a form that filters sends along."""
        order, size = self.prefixed_order_by_field, self.prefixed_per_page_field
        fields = [(order, str(alias)) for alias in self.order_by] if order in self.request.GET else []
        return [*fields, (size, str(self.size))] if size in self.request.GET else fields

    @property
    def total(self) -> int:
        """The exact number of rows, by another query only where the page was not counted to the end."""
        number: int = self.paginator.rows.count() if self.paginator.is_capped else self.paginator.count
        return number

    @property
    def total_in_words(self) -> str:
        """The total for a reader, counted as far as ``most_counted``."""
        most = self.most_counted
        if most is None:
            return formats.number_format(self.total, force_grouping=True)
        number = self.paginator.rows[: most + 1].count()
        shown = formats.number_format(min(number, most), force_grouping=True)
        return _("more than %(n)s") % {"n": shown} if number > most else shown

    @property
    def is_long(self) -> bool:
        """Whether what stands below it may be out of sight, and stands above it, too."""
        has_more: bool = self.page.has_other_pages()
        return has_more or self.page.end_index() > SHORT

    @property
    def not_printed(self) -> int:
        """How many rows there are beyond those of this page."""
        missing: int = self.paginator.count - self.page.end_index()
        return missing

    @property
    def page_numbers(self) -> list[int | str]:
        """The numbers around this page, the first and the last ones, with gaps between."""
        return list(self.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1))


class NumberColumn(tables.Column):  # type: ignore[misc] # untyped
    """Numbers to compare: at the right, in figures of one width (UI-6)."""

    is_number = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, attrs={"td": {"class": "number"}}, **kwargs)


class MomentColumn(tables.Column):  # type: ignore[misc] # untyped
    """A time in ``zone``, or a day as the midnight that begins it, in the language's format (REP-4).

    In one line, unless the table is so wide that it needs the room (``wraps``). Where a row has a zone of its own, at
    the path ``own_zone``, its time is shown in that, with its name.
    """

    def __init__(
        self, *args: Any, zone: ZoneInfo | None = None, own_zone: str = "", wraps: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, attrs={} if wraps else {"td": {"class": "moment"}}, **kwargs)
        self.zone = zone or ZoneInfo("UTC")
        self.own_zone = tables.A(own_zone) if own_zone else None

    def render(self, value: date, record: Any) -> str:
        if not isinstance(value, datetime):
            midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day of the wall calendar
            return formats.date_format(midnight, "DATETIME_FORMAT")
        own = self.own_zone.resolve(record) if self.own_zone else ""
        shown = value.astimezone(ZoneInfo(own) if own else self.zone).replace(tzinfo=None)
        text = formats.date_format(shown, "DATETIME_FORMAT")
        return format_html('{} <span class="note">{}</span>', text, own) if own else text


class ListPage(FilterView):  # type: ignore[misc] # untyped
    """A page with filters that live in the URL and one table; htmx gets the table alone."""

    model: type[Model]
    table_class: ClassVar[type[ListTable]]
    template_name = "list.html"
    title: Any = ""
    description: Any = ""  # what the list shows, under its title
    export_columns: ClassVar[Sequence[ExportColumn]] = ()
    strict = False  # with a wrong filter, too, the set of filters says which rows there are: none

    def get_table(self) -> ListTable:
        return self.table_class(self.object_list, self.request)

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return self.export_columns

    def get_export_rows(self, table: ListTable) -> Rows:
        rows: QuerySet[Any] = table.data.data
        return rows

    def get_export_name(self) -> str:
        return f"{self.title} {timezone.now():%Y-%m-%d}"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        table, file_format = context["table"], self.request.GET.get("export")
        if self.request.GET.get("count") == "exact":
            return HttpResponse(table.total_in_words)
        columns = self.get_export_columns()
        if columns and file_format in FORMATS:
            total = str(table.total)  # counted before, for an export keeps the connection busy
            rows, title = self.get_export_rows(table), str(self.title)
            response = export(rows, columns, file_format=file_format, name=self.get_export_name(), title=title)
            response["X-Total-Rows"] = total  # by which the page shows how far the file is
            return response
        table.export_formats = FORMATS if columns else ()
        table.not_found = context["filter"].not_found
        page: HttpResponseBase = super().render_to_response(context, **kwargs)
        return page

    def get_template_names(self) -> list[str]:
        wants_table_only = self.request.htmx and not self.request.htmx.history_restore_request
        return ["table.html" if wants_table_only and not self.request.htmx.boosted else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        table = self.get_table()
        if self.filterset.form.errors:
            table.empty_text = _("A filter is wrong, so nothing is shown. See what it says.")
        context: dict[str, Any] = super().get_context_data(
            **kwargs, table=table, title=self.title, description=self.description
        )
        return context

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _page_size(asked: str) -> int:
    return int(asked) if asked in map(str, PAGE_SIZES) else PAGE_SIZES[0]
