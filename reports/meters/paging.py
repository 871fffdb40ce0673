"""How the rows of the reports on meters are sorted, counted and read, however many there are (MET-8)."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.utils import formats

from reports.meters.queries import shown_conflicts, shown_repeaters
from smmeplus.common.lists import KeyedData, ListPaginator, ListTable

#: A reader is told at most so many of what nobody has counted before.
MOST_COUNTED = 100_000


class StoredPaginator(ListPaginator):
    """Knows the number of rows where it is stored, and else counts no further than it must."""

    @cached_property
    def _counted(self) -> int:
        shown: Any = self.object_list
        if shown.table.is_beyond(self.CAP):
            return self.CAP + 1
        stored: int | None = shown.table.stored_total
        return self.rows[: self.CAP + 1].count() if stored is None else stored


class FewPaginator(StoredPaginator):
    """For a list that is dear to read on, and that nobody reads to the end."""

    CAP = 2_500


class LoadedPaginator(ListPaginator):
    """Of rows that are all loaded, which need not be counted."""

    @cached_property
    def _counted(self) -> int:
        shown: Any = self.object_list
        return len(shown.data.data)


class MetersTable(ListTable):
    """``stored_total`` is the number of rows where that is stored."""

    data_class = KeyedData
    paginator_class: type[Paginator[Any]] = StoredPaginator
    most_counted = MOST_COUNTED
    stored_total: int | None = None

    def __init__(
        self,
        *args: Any,
        zone: ZoneInfo | None = None,
        stored_total: int | None = None,
        at_once: bool = False,
        **kwargs: Any,
    ) -> None:
        self.stored_total = stored_total
        self._at_once = at_once
        super().__init__(*args, **kwargs)
        for name in ("last_local", "list_local"):
            if zone and name in self.columns.names():
                self.columns[name].column.zone = zone

    def _show_page(self, number: str) -> None:
        self.data.at_once = self._at_once
        super()._show_page(number)

    def is_beyond(self, _number: int) -> bool:
        """Whether there are surely more rows than that, which need not be counted then."""
        return False

    @property
    def total(self) -> int:
        return super().total if self.stored_total is None else self.stored_total

    @property
    def total_in_words(self) -> str:
        if self.stored_total is None:
            return super().total_in_words
        return formats.number_format(self.stored_total, force_grouping=True)


class InOneCompany(KeyedData):
    """Sightings of one company.

    The database goes through the names of meters or of concentrators by an index that begins with their company, if
    it is told that this is the ``COMPANY`` of the row.
    """

    COMPANY = "company"
    PATHS = ("meter", "concentrator")

    def order_by(self, aliases: Any) -> None:
        super().order_by(aliases)
        first = str(next(iter(self.data.query.order_by), "")).lstrip("-").partition("__")[0]
        if first in self.PATHS:
            self.data = self.data.filter(**{f"{first}__company": F(self.COMPANY)})


class EmptyLast(KeyedData):
    """What has no list comes last whichever way the rest is sorted."""

    PATH = "meter_counts__"
    OTHERS = ("difference",)

    def order_by(self, aliases: Any) -> None:
        super().order_by(aliases)
        self.data = self.data.order_by(*map(self._with_empty_last, self.data.query.order_by))

    def _with_empty_last(self, order: Any) -> Any:
        name = str(order)
        bare = name.removeprefix("-")
        if not (bare.startswith(self.PATH) or bare in self.OTHERS):
            return order
        return F(bare).desc(nulls_last=True) if name != bare else F(bare).asc(nulls_last=True)


class ConflictData(InOneCompany):
    """The rows of a meter stand together, whatever they are sorted by that they share."""

    COMPANY = "conflict_company"
    SHARED = ("kind", "open_since")

    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return shown_conflicts(rows)

    def order_by(self, aliases: Any) -> None:
        super().order_by(aliases)
        *wanted, key = self.data.query.order_by
        if all(str(name).removeprefix("-") in self.SHARED for name in wanted):
            self.data = self.data.order_by(*wanted, "meter_id", key)


class RepeaterData(KeyedData):
    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return shown_repeaters(rows)
