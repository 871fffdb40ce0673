"""The reports' columns in exported files: those of the screen, times in ISO 8601 with offset (REP-4, REP-6).

Workbooks, which are handed on, also say whose concentrators they are and in which state (REP-9).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from smmeplus.common.exporting import ExportColumn


def _of_whom(concentrator: str = "") -> tuple[ExportColumn, ExportColumn]:
    """Company and state at the path ``concentrator``, such as ``concentrator__``."""
    return (
        ExportColumn("company", f"{concentrator}company__name", only_in_sheets=True),
        ExportColumn("state", f"{concentrator}state", only_in_sheets=True),
    )


def wakeup_columns(zone: ZoneInfo) -> tuple[ExportColumn, ...]:
    """The columns of *Wake up messages*; ``zone`` is that of concentrators without one of their own."""
    return (
        ExportColumn("concentrator_name", "concentrator__serial_number"),
        ExportColumn("ipaddress", "source_ip"),
        ExportColumn("port", "port"),
        ExportColumn("first_wake_up_date_utc", "first_wakeup_at"),
        ExportColumn("last_wake_up_date_utc", "last_wakeup_at"),
        ExportColumn("last_wake_up_date_local", "last_wakeup_at", zone, own_zone="concentrator__time_zone"),
        ExportColumn("wake_up_count", "wakeup_count"),
        *_of_whom("concentrator__"),
    )


def in_field_columns(zone: ZoneInfo) -> tuple[ExportColumn, ...]:
    """The columns of *Concentrators in field*; ``zone`` is that of concentrators without one of their own."""
    return (
        ExportColumn("concentrator_name", "serial_number"),
        ExportColumn("type", "type__name"),
        ExportColumn("manufacturer", "manufacturer"),
        ExportColumn("substation", "substation"),
        ExportColumn("feeder", "feeder"),
        ExportColumn("customers", "customers"),
        ExportColumn("spontaneous_profile", "profile__name"),
        ExportColumn("wakeup_period_min", "profile__wakeup_period"),
        ExportColumn("installed_at", "installed_at", zone, own_zone="time_zone"),
        ExportColumn("status", "status"),
        ExportColumn("reason", "status_reason"),
        ExportColumn("status_since", "status_since", zone, own_zone="time_zone"),
        ExportColumn("last_wake_up_date_local", "total__last_wakeup_at", zone, own_zone="time_zone"),
        *_of_whom(),
    )


PER_DAY_COLUMNS = (
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("ipaddress", "source_ip"),
    ExportColumn("date", "day"),
    ExportColumn("daily_msg_count", "wakeup_count"),
    ExportColumn("total_msg_count", "total_count"),
    ExportColumn("expected", "expected"),
    ExportColumn("missing", "missing"),
    *_of_whom("concentrator__"),
)
