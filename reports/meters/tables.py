"""The columns of the reports on meters on the screen (MET-4).

Only what an index gives in order can be sorted where there may be millions of rows; the rest has a filter instead.
"""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet, Sum
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Decision, MeterConflict, Preference, Repeater
from concentrators.tables import ONE_LINE
from reports.meters.columns import PercentColumn, StateColumn, conflict_page, kind_badge, meter_page
from reports.meters.paging import (
    ConflictData,
    EmptyLast,
    FewPaginator,
    InOneCompany,
    LoadedPaginator,
    MetersTable,
    RepeaterData,
)
from reports.tables import name_column
from smmeplus.common.lists import ListTable, MomentColumn, NumberColumn


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
    last_local = MomentColumn(
        verbose_name=_l("last seen date local"), accessor="last_seen", own_zone="concentrator__time_zone"
    )
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
    list_local = MomentColumn(
        verbose_name=_l("list date local"), accessor="meter_counts__listed_at", own_zone="time_zone"
    )

    class Meta:
        order_by = "concentrator_name"
        empty_text = _l("No concentrator of this company that is in field matches.")


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
    concentrator_name = name_column("concentrator__serial_number", orderable=False)
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

    def __init__(self, *args: Any, conflicts: QuerySet[MeterConflict] | None = None, **kwargs: Any) -> None:
        """``conflicts`` are those that the rows are of, if all of their rows are among these."""
        self._conflicts = conflicts
        super().__init__(*args, **kwargs)

    def is_beyond(self, number: int) -> bool:
        """Each has two rows at least, and is counted by an index alone."""
        if self._conflicts is None:
            return False
        half = number // 2
        return self._conflicts[: half + 1].count() > half

    @property
    def total_in_words(self) -> str:
        if self._conflicts is None or not self.paginator.is_capped:
            return super().total_in_words
        rows = self._conflicts.aggregate(n=Sum("lists", default=0))["n"]
        return formats.number_format(rows, force_grouping=True)

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


class RepeaterTable(MetersTable):
    """*Concentrator autodiscovery repeater*: that with most meters behind it first."""

    data_class = RepeaterData
    paginator_class = FewPaginator

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
