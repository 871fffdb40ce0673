"""The reports on meters in exported files: the columns of the screen, times in ISO 8601 with offset (REP-6, MET-4)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from smmeplus.common.exporting import ExportColumn

_LISTED_AT = "concentrator__meter_counts__listed_at"


def field_columns(zone: ZoneInfo) -> tuple[ExportColumn, ...]:
    """The columns of *Meters in field*; ``zone`` is that of concentrators without one of their own."""
    return (
        ExportColumn("meter_name", "meter__name"),
        ExportColumn("manufacturer", "meter__manufacturer"),
        ExportColumn("type", "meter__type"),
        ExportColumn("concentrator_name", "concentrator__serial_number"),
        ExportColumn("substation", "concentrator__substation"),
        ExportColumn("state", "state_name"),
        ExportColumn("first_seen_date_utc", "first_seen"),
        ExportColumn("last_seen_date_utc", "last_seen"),
        ExportColumn("last_seen_date_local", "last_seen", zone, own_zone="concentrator__time_zone"),
        ExportColumn("level", "level"),
        ExportColumn("repeater", "repeater"),
        ExportColumn("phase", "phase"),
        ExportColumn("availability_percent", "availability"),
        ExportColumn("conflict", "conflict"),
        ExportColumn("list_date_utc", _LISTED_AT),
        ExportColumn("company", "company__name", only_in_sheets=True),
    )


def count_columns(zone: ZoneInfo) -> tuple[ExportColumn, ...]:
    """The columns of *Count meters by concentrator*; what has no list has empty cells."""
    counts = "meter_counts__"
    return (
        ExportColumn("concentrator_name", "serial_number"),
        ExportColumn("ipaddress", "total__source_ip"),
        ExportColumn("substation", "substation"),
        ExportColumn("meters", f"{counts}meters"),
        ExportColumn("active", f"{counts}active"),
        ExportColumn("temporary_failure", f"{counts}temporary"),
        ExportColumn("permanent_failure", f"{counts}permanent"),
        ExportColumn("supervisor", f"{counts}supervisors"),
        ExportColumn("repeaters", f"{counts}repeaters"),
        ExportColumn("deepest_level", f"{counts}deepest"),
        ExportColumn("availability_percent", f"{counts}availability"),
        ExportColumn("customers_served", "customers"),
        ExportColumn("difference", "difference"),
        ExportColumn("in_conflict", f"{counts}in_conflict"),
        ExportColumn("list_date_utc", f"{counts}listed_at"),
        ExportColumn("list_date_local", f"{counts}listed_at", zone, own_zone="time_zone"),
        ExportColumn("company", "company__name", only_in_sheets=True),
        ExportColumn("state", "state", only_in_sheets=True),
    )


CONFLICT_COLUMNS = (
    ExportColumn("meter_name", "meter__name"),
    ExportColumn("kind", "kind_name"),
    ExportColumn("concentrators", "concentrators"),
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("state", "state_name"),
    ExportColumn("first_seen_date_utc", "first_seen"),
    ExportColumn("last_seen_date_utc", "last_seen"),
    ExportColumn("availability_percent", "availability"),
    ExportColumn("changes_a_day", "changes"),
    ExportColumn("level", "level"),
    ExportColumn("repeater", "repeater"),
    ExportColumn("list_date_utc", _LISTED_AT),
    ExportColumn("preferred", "preferred"),
    ExportColumn("reason", "reason"),
    ExportColumn("expected_concentrator", "meter__expected_concentrator__serial_number"),
    ExportColumn("decision", "decision"),
    ExportColumn("decided_by", "decided_by"),
    ExportColumn("open_since", "open_since"),
    ExportColumn("company", "company__name", only_in_sheets=True),
)

TALLY_COLUMNS = (
    ExportColumn("manufacturer", "manufacturer"),
    ExportColumn("type", "type"),
    ExportColumn("state", "state_name"),
    ExportColumn("meters", "meters"),
    ExportColumn("share_percent", "share"),
    ExportColumn("company", "company__name", only_in_sheets=True),
)

REPEATER_COLUMNS = (
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("repeater", "repeater"),
    ExportColumn("level", "sighting__level"),
    ExportColumn("lsid", "sighting__lsid"),
    ExportColumn("meters_behind_it_directly", "direct"),
    ExportColumn("behind_it_in_all", "behind"),
    ExportColumn("deepest_level_behind", "deepest"),
    ExportColumn("availability_percent", "sighting__availability"),
    ExportColumn("state", "state_name"),
    ExportColumn("last_seen_date_utc", "sighting__last_seen"),
    ExportColumn("share_percent", "share"),
    ExportColumn("without_parent", "without_parent"),
    ExportColumn("company", "concentrator__company__name", only_in_sheets=True),
)
