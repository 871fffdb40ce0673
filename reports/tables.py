"""The reports' columns, as the reference system has them (REP-2, REP-3), and those beyond it (REP-7)."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.utils import formats
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from concentrators.tables import ONE_LINE
from reports.day_map import DayMap
from reports.queries import days_shown
from smmeplus.common.lists import ListTable, MomentColumn, NumberColumn
from wakeup.monitoring.expected.cells import Level
from wakeup.monitoring.status.tables import StatusColumn, StatusTable


def name_column(path: str, **kwargs: Any) -> tables.Column:
    """The serial number at ``path``, which leads to the concentrator's page."""
    page = ("concentrator:page", [tables.A(path)])
    return tables.Column(verbose_name=_l("concentrator name"), accessor=path, linkify=page, **kwargs)


class WakeupTable(ListTable):
    """*Wake up messages*: first, last and total of each concentrator (REP-2)."""

    concentrator_name = name_column("concentrator__serial_number")
    ipaddress = tables.Column(verbose_name=_l("ipaddress"), accessor="source_ip")
    port = NumberColumn(verbose_name=_l("port"))
    first_utc = MomentColumn(verbose_name=_l("first wake up date utc"), accessor="first_wakeup_at")
    last_utc = MomentColumn(verbose_name=_l("last wake up date utc"), accessor="last_wakeup_at")
    last_local = MomentColumn(
        verbose_name=_l("last wake up date local"), accessor="last_wakeup_at", own_zone="concentrator__time_zone"
    )
    count = NumberColumn(verbose_name=_l("wake up count"), accessor="wakeup_count")

    class Meta:
        order_by = "concentrator_name"
        empty_text = _l("No wake-up message has come in yet from a concentrator that matches.")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns["last_local"].column.zone = zone


class WakeupPerDayTable(ListTable):
    """*Wake up messages per day*: one row per concentrator and day with at least one (REP-3)."""

    concentrator_name = name_column("concentrator__serial_number")
    ipaddress = tables.Column(verbose_name=_l("ipaddress"), accessor="source_ip")
    date = MomentColumn(verbose_name=_l("date"), accessor="day")
    daily_count = NumberColumn(verbose_name=_l("daily msg count"), accessor="wakeup_count")
    total_count = NumberColumn(verbose_name=_l("total msg count"))
    expected = NumberColumn(verbose_name=_l("expected"))
    missing = NumberColumn(verbose_name=_l("missing"))

    class Meta:
        order_by = ("-date", "concentrator_name")
        empty_text = _l("No wake-up message on these days from a concentrator that matches.")


class InFieldTable(StatusTable):
    """*Concentrators in field*: how each is, where, and what it was told, the worst first (REP-1, STA-1, UI-8)."""

    is_worst_first = True
    frozen = 2

    status = StatusColumn(verbose_name=_l("status"))
    concentrator_name = name_column("serial_number")
    silent_for = tables.Column(verbose_name=_l("silent for"), empty_values=(), orderable=False, attrs=ONE_LINE)
    reason = tables.Column(verbose_name=_l("reason"), accessor="status_reason", attrs=ONE_LINE)
    status_since = MomentColumn(verbose_name=_l("status since"), order_by="shown_since", own_zone="time_zone")
    last_local = MomentColumn(
        verbose_name=_l("last wake up date local"), accessor="total__last_wakeup_at", own_zone="time_zone"
    )
    substation = tables.Column(verbose_name=_l("substation"), attrs=ONE_LINE)
    feeder = tables.Column(verbose_name=_l("feeder"), attrs=ONE_LINE)
    customers = NumberColumn(verbose_name=_l("customers"))
    profile = tables.Column(verbose_name=_l("spontaneous profile"), order_by="profile__name_folded", attrs=ONE_LINE)
    period = NumberColumn(verbose_name=_l("wakeup period min"), accessor="profile__wakeup_period")
    installed_at = MomentColumn(verbose_name=_l("installed at"), own_zone="time_zone")
    type = tables.Column(verbose_name=_l("type"))
    manufacturer = tables.Column(verbose_name=_l("manufacturer"), attrs=ONE_LINE)

    class Meta:
        order_by = ("status", "concentrator_name")
        empty_text = _l("No concentrator of this company that is in field matches.")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("installed_at", "status_since", "last_local"):
            self.columns[name].column.zone = zone


class DayColumn(NumberColumn):
    def __init__(self, place: int, day: date) -> None:
        super().__init__(verbose_name=formats.date_format(day, "j M"), empty_values=(), orderable=False)
        self.place = place

    def render(self, record: Concentrator, table: DaysTable) -> str:
        return table.day_map.on(record.pk, self.place).figures


class DaysTable(ListTable):
    """The heat map of days as figures: a column for each day."""

    caption = _l("Table of wake-ups by concentrator and day")
    most_printed = 500  # with 31 days each

    concentrator_name = name_column("serial_number")
    substation = tables.Column(verbose_name=_l("substation"), attrs=ONE_LINE)
    feeder = tables.Column(verbose_name=_l("feeder"), attrs=ONE_LINE)
    share = NumberColumn(verbose_name=_l("share"), empty_values=(), orderable=False)

    class Meta:
        order_by = "concentrator_name"
        empty_text = _l("No concentrator that matches was in field on these days.")

    def __init__(self, *args: Any, last: date, **kwargs: Any) -> None:
        columns = [(f"day_{place}", DayColumn(place, day)) for place, day in enumerate(days_shown(last))]
        super().__init__(*args, extra_columns=columns, **kwargs)

    def show(self, day_map: DayMap) -> None:
        """Fill in the days; those of which no row has data are not shown."""
        self.day_map = day_map
        for place in range(len(day_map.days)):
            if all(cells[place].level is Level.NO_DATA for cells in day_map.rows.values()):
                column = self.columns[f"day_{place}"].column
                column.is_empty, column.attrs = True, {"td": {"class": "number empty-day"}}

    def render_share(self, record: Concentrator) -> str:
        return self.day_map.share(record.pk)
