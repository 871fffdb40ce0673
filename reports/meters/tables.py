"""The columns of the reports on meters on the screen (MET-4).

Only what an index gives in order can be sorted where there may be millions of rows; the rest has a filter instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import ConflictKind, Decision, MeterState, Preference, Repeater
from concentrators.tables import ONE_LINE
from reports.meters.queries import KIND_WORDS, STATE_WORDS, shown_conflicts, shown_repeaters
from reports.tables import name_column
from smmeplus.common.lists import KeyedData, ListPaginator, ListTable, MomentColumn, NumberColumn

#: A reader is told at most so many of what nobody has counted before.
MOST_COUNTED = 100_000
_STATES = {STATE_WORDS[state]: state for state in MeterState}
_COLOURS = {MeterState.PERMANENT_FAILURE: "danger", MeterState.TEMPORARY_FAILURE: "warning"}
_KINDS = {word: kind for kind, word in KIND_WORDS.items()}


def state_badge(word: str) -> str:
    """The state in the reader's words; in colour only where something is wrong."""
    state = _STATES.get(word)
    if state is None:
        return _("unknown")
    colour = _COLOURS.get(state)
    return format_html('<span class="badge text-bg-{}">{}</span>', colour, state.label) if colour else str(state.label)


def kind_badge(word: str) -> str:
    kind = _KINDS[word]
    if kind is not ConflictKind.LIVE:
        return str(kind.label)
    return format_html('<span class="badge text-bg-warning">{}</span>', kind.label)


class StateColumn(tables.Column):  # type: ignore[misc] # untyped
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(verbose_name=_l("state"), accessor="state_name", attrs=ONE_LINE, **kwargs)

    def render(self, value: str) -> str:
        return state_badge(value)


class PercentColumn(NumberColumn):
    """A percentage, with one digit behind the point."""

    def render(self, value: float) -> str:
        return formats.number_format(value, 1)


def meter_page(key: str) -> Callable[..., str | None]:
    """The address of the page of the meter whose key a row has at ``key``."""
    return _page("meters:page", key)


def conflict_page(key: str) -> Callable[..., str | None]:
    return _page("conflicts:page", key)


def _page(view: str, key: str) -> Callable[..., str | None]:
    def url(record: Any) -> str | None:
        found = tables.A(key).resolve(record, quiet=True)
        try:
            return reverse(view, args=[found]) if found else None
        except NoReverseMatch:
            return None

    return url


class StoredPaginator(ListPaginator):
    """Knows the number of rows where it is stored, and else counts no further than it must."""

    @cached_property
    def _counted(self) -> int:
        shown: Any = self.object_list
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
        self, *args: Any, zone: ZoneInfo | None = None, stored_total: int | None = None, **kwargs: Any
    ) -> None:
        self.stored_total = stored_total
        super().__init__(*args, **kwargs)
        for name in ("last_local", "list_local"):
            if zone and name in self.columns.names():
                self.columns[name].column.zone = zone

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


class FieldTable(MetersTable):
    """*Meters in field*: the one that was heard longest ago first."""

    data_class = InOneCompany
    frozen = 1

    meter_name = tables.Column(verbose_name=_l("meter name"), accessor="meter__name", linkify=meter_page("meter_id"))
    manufacturer = tables.Column(verbose_name=_l("manufacturer"), accessor="meter__manufacturer", orderable=False)
    type = tables.Column(verbose_name=_l("type"), accessor="meter__type", orderable=False)
    concentrator_name = name_column("concentrator__serial_number")
    substation = tables.Column(
        verbose_name=_l("substation"), accessor="concentrator__substation", orderable=False, attrs=ONE_LINE
    )
    state = StateColumn(orderable=False)
    first_utc = MomentColumn(verbose_name=_l("first seen date utc"), accessor="first_seen", orderable=False)
    last_utc = MomentColumn(verbose_name=_l("last seen date utc"), accessor="last_seen")
    last_local = MomentColumn(verbose_name=_l("last seen date local"), accessor="last_seen")
    level = NumberColumn(verbose_name=_l("level"), orderable=False)
    repeater = tables.Column(verbose_name=_l("repeater"), orderable=False)
    phase = tables.Column(verbose_name=_l("phase"), orderable=False)
    availability = PercentColumn(verbose_name=_l("availability %"), orderable=False)
    conflict = tables.Column(verbose_name=_l("conflict"), orderable=False)
    list_utc = MomentColumn(
        verbose_name=_l("list date utc"), accessor="concentrator__meter_counts__listed_at", orderable=False
    )

    class Meta:
        order_by = "last_utc"
        empty_text = _l("No meter that a concentrator has listed matches. Upload meter lists, or change the filters.")

    def render_conflict(self, value: str) -> str:
        return kind_badge(value)


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


def _count_column(label: Any, name: str) -> NumberColumn:
    return NumberColumn(verbose_name=label, accessor=f"meter_counts__{name}")


class CountTable(MetersTable):
    """*Count meters by concentrator*: concentrators in field; those without a list have no numbers, not zeros."""

    data_class = EmptyLast

    concentrator_name = name_column("serial_number")
    ipaddress = tables.Column(verbose_name=_l("ipaddress"), accessor="total__source_ip", orderable=False)
    substation = tables.Column(verbose_name=_l("substation"), orderable=False, attrs=ONE_LINE)
    meters = _count_column(_l("meters"), "meters")
    active = _count_column(_l("active"), "active")
    temporary = _count_column(_l("temporary failure"), "temporary")
    permanent = _count_column(_l("permanent failure"), "permanent")
    supervisor = _count_column(_l("supervisor"), "supervisors")
    repeaters = _count_column(_l("repeaters"), "repeaters")
    deepest = _count_column(_l("deepest level"), "deepest")
    availability = PercentColumn(verbose_name=_l("availability %"), accessor="meter_counts__availability")
    customers = NumberColumn(verbose_name=_l("customers served"))
    difference = NumberColumn(verbose_name=_l("difference"))
    in_conflict = _count_column(_l("in conflict"), "in_conflict")
    list_utc = MomentColumn(
        verbose_name=_l("list date utc"), accessor="meter_counts__listed_at", default=_l("no list yet")
    )
    list_local = MomentColumn(verbose_name=_l("list date local"), accessor="meter_counts__listed_at")

    class Meta:
        order_by = "concentrator_name"
        empty_text = _l("No concentrator of this company that is in field matches.")


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


class ConflictTable(MetersTable):
    """*Concentrator autodiscovery conflicts*: a row for each meter and concentrator, live ones first."""

    data_class = ConflictData
    paginator_class = FewPaginator

    meter_name = tables.Column(verbose_name=_l("meter name"), accessor="meter__name", linkify=meter_page("meter_id"))
    kind = tables.Column(
        verbose_name=_l("kind"),
        accessor="kind_name",
        order_by="kind",
        linkify=conflict_page("conflict_key"),
        attrs=ONE_LINE,
    )
    concentrators = NumberColumn(verbose_name=_l("concentrators"), orderable=False)
    concentrator_name = name_column("concentrator__serial_number")
    state = StateColumn(orderable=False)
    first_utc = MomentColumn(verbose_name=_l("first seen date utc"), accessor="first_seen", orderable=False)
    last_utc = MomentColumn(verbose_name=_l("last seen date utc"), accessor="last_seen", orderable=False)
    availability = PercentColumn(verbose_name=_l("availability %"), orderable=False)
    changes = NumberColumn(verbose_name=_l("changes a day"), orderable=False)
    level = NumberColumn(verbose_name=_l("level"), orderable=False)
    repeater = tables.Column(verbose_name=_l("repeater"), orderable=False)
    list_utc = MomentColumn(
        verbose_name=_l("list date utc"), accessor="concentrator__meter_counts__listed_at", orderable=False
    )
    preferred = tables.Column(verbose_name=_l("preferred"), orderable=False)
    reason = tables.Column(verbose_name=_l("reason"), orderable=False, attrs=ONE_LINE)
    expected = tables.Column(
        verbose_name=_l("expected concentrator"),
        accessor="meter__expected_concentrator__serial_number",
        orderable=False,
    )
    decision = tables.Column(verbose_name=_l("decision"), orderable=False, attrs=ONE_LINE)
    decided_by = tables.Column(verbose_name=_l("decided by"), orderable=False)
    open_since = MomentColumn(verbose_name=_l("open since"))

    class Meta:
        order_by = "kind"
        empty_text = _l("No meter is in the lists of several concentrators, or none that matches.")

    def render_kind(self, value: str) -> str:
        return kind_badge(value)

    def render_reason(self, value: str) -> str:
        return str(Preference(value).label)

    def render_decision(self, value: str) -> str:
        return str(Decision(value).label)


class TallyTable(ListTable):
    """*Count Meters*: how many there are of each manufacturer, type and state; few rows, which are all loaded."""

    is_short = True
    paginator_class = LoadedPaginator

    manufacturer = tables.Column(verbose_name=_l("manufacturer"))
    type = tables.Column(verbose_name=_l("type"))
    state = StateColumn(order_by="state")
    meters = NumberColumn(verbose_name=_l("meters"))
    share = PercentColumn(verbose_name=_l("share %"), order_by="meters")

    class Meta:
        order_by = ("manufacturer", "type", "state")
        empty_text = _l("No meter that a concentrator has listed matches. Upload meter lists, or change the filters.")

    @property
    def foot(self) -> list[tuple[str, bool]]:
        """The cells of the row of totals of all pages, and whether each is a number."""
        rows = list(self.data.data)
        if not rows:
            return []
        share = formats.number_format(sum(row.share or 0 for row in rows), 1)
        meters = formats.number_format(sum(row.meters for row in rows), force_grouping=True)
        return [(_("Total"), False), ("", False), ("", False), (meters, True), (share, True)]


class RepeaterData(KeyedData):
    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return shown_repeaters(rows)


class RepeaterTable(MetersTable):
    """*Concentrator autodiscovery repeater*: that with most meters behind it first."""

    data_class = RepeaterData
    paginator_class = FewPaginator
    frozen = 2

    concentrator_name = name_column("concentrator__serial_number")
    repeater = tables.Column(
        verbose_name=_l("repeater"), orderable=False, linkify=meter_page("sighting__meter_id"), attrs=ONE_LINE
    )
    level = NumberColumn(verbose_name=_l("level"), accessor="sighting__level", orderable=False)
    lsid = NumberColumn(verbose_name="LSID", accessor="sighting__lsid", orderable=False)
    direct = NumberColumn(verbose_name=_l("meters behind it directly"))
    behind = NumberColumn(verbose_name=_l("behind it in all"))
    deepest = NumberColumn(verbose_name=_l("deepest level behind"), orderable=False)
    availability = PercentColumn(verbose_name=_l("availability %"), accessor="sighting__availability", orderable=False)
    state = StateColumn(orderable=False)
    last_utc = MomentColumn(verbose_name=_l("last seen date utc"), accessor="sighting__last_seen", orderable=False)
    share = PercentColumn(verbose_name=_l("share of its meters %"), orderable=False)
    without_parent = tables.Column(verbose_name=_l("without parent"), orderable=False)

    class Meta:
        order_by = "-behind"
        empty_text = _l("No repeater matches. Lists that tell levels or repeaters are needed: S11, or a spreadsheet.")

    def render_repeater(self, record: Repeater, value: str) -> str:
        return value if record.sighting_id else _("parent unknown")

    def render_without_parent(self) -> str:
        return _("yes")
