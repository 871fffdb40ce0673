"""The reports' columns, as the reference system has them (REP-2, REP-3)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _l

from smmeplus.lists import ListTable, MomentColumn

PAGE_OF_CONCENTRATOR = ("concentrator:page", [tables.A("concentrator__serial_number")])


class WakeupTable(ListTable):
    """*Wake up messages*: first, last and total of each concentrator (REP-2)."""

    concentrator_name = tables.Column(
        verbose_name=_l("concentrator name"), accessor="concentrator__serial_number", linkify=PAGE_OF_CONCENTRATOR
    )
    ipaddress = tables.Column(verbose_name=_l("ipaddress"), accessor="source_ip")
    port = tables.Column(verbose_name=_l("port"))
    first_utc = MomentColumn(verbose_name=_l("first wake up date utc"), accessor="first_wakeup_at")
    last_utc = MomentColumn(verbose_name=_l("last wake up date utc"), accessor="last_wakeup_at")
    last_local = MomentColumn(verbose_name=_l("last wake up date local"), accessor="last_wakeup_at")
    count = tables.Column(verbose_name=_l("wake up count"), accessor="wakeup_count")

    class Meta:
        order_by = "concentrator_name"
        empty_text = _l("No wake-up message has come in yet from a concentrator that matches.")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns["last_local"].column.zone = zone


class WakeupPerDayTable(ListTable):
    """*Wake up messages per day*: one row per concentrator and day with at least one (REP-3)."""

    concentrator_name = tables.Column(
        verbose_name=_l("concentrator name"), accessor="concentrator__serial_number", linkify=PAGE_OF_CONCENTRATOR
    )
    ipaddress = tables.Column(verbose_name=_l("ipaddress"), accessor="source_ip")
    date = MomentColumn(verbose_name=_l("date"), accessor="day")
    daily_count = tables.Column(verbose_name=_l("daily msg count"), accessor="wakeup_count")
    total_count = tables.Column(verbose_name=_l("total msg count"))

    class Meta:
        order_by = ("-date", "concentrator_name")
        empty_text = _l("No wake-up message on these days from a concentrator that matches.")
