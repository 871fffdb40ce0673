"""The reports' columns in exported files: those of the screen, times in ISO 8601 with offset (REP-4, REP-6)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from smmeplus.exporting import ExportColumn


def wakeup_columns(zone: ZoneInfo) -> tuple[ExportColumn, ...]:
    """The columns of *Wake up messages*; ``zone`` is the company's, for the local time."""

    def local(moment: datetime) -> datetime:
        return moment.astimezone(zone)

    return (
        ExportColumn("concentrator_name", "concentrator__serial_number"),
        ExportColumn("ipaddress", "source_ip"),
        ExportColumn("port", "port"),
        ExportColumn("first_wake_up_date_utc", "first_wakeup_at"),
        ExportColumn("last_wake_up_date_utc", "last_wakeup_at"),
        ExportColumn("last_wake_up_date_local", "last_wakeup_at", local),
        ExportColumn("wake_up_count", "wakeup_count"),
    )


PER_DAY_COLUMNS = (
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("ipaddress", "source_ip"),
    ExportColumn("date", "day"),
    ExportColumn("daily_msg_count", "wakeup_count"),
    ExportColumn("total_msg_count", "total_count"),
)
