"""Many outages by one statement, as for changes of status (PER-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from smmeplus.common.chunks import execute_with, sent_rows
from wakeup.models import Incident, Outage

Row = dict[str, Any]
_TABLE = Outage._meta.db_table
_NEW = (
    *("concentrator_id", "company_id", "change_id", "planned_id", "earliest_at", "latest_at", "began_at", "noticed_at"),
    *("ended_at", "ended_by", "quality", "cause", "verdict", "is_announced", "is_momentary", "customers"),
    "meters",
)
END = ("ended_at", "ended_by", "quality", "cause")
BETTER_KNOWN = (
    *("earliest_at", "latest_at", "began_at", "quality", "cause", "is_announced", "is_momentary"),
    *("logged_s", "reckoned_s"),
)
#: What an operator said of its incident stays.
_CAUSE = (
    f"CASE WHEN EXISTS (SELECT 1 FROM {Incident._meta.db_table} said"  # noqa: S608 - names of tables
    f" WHERE said.id = {_TABLE}.incident_id AND said.is_cause_said) THEN {_TABLE}.cause ELSE sent.cause END"
)


def insert_outages(rows: Sequence[Row]) -> None:
    """All but what is filled in later."""
    if rows:
        columns = ", ".join(_NEW)
        insert = f"INSERT INTO {_TABLE} ({columns}, is_untold) SELECT {columns}, TRUE"
        execute_with(f"{insert} FROM {sent_rows(Outage, _NEW)}", _only(rows, _NEW))


def end_outages(rows: Sequence[Row]) -> None:
    """Those of the keys ``id`` are over."""
    change_outages(rows, END)


def change_outages(rows: Sequence[Row], names: Sequence[str]) -> None:
    """What ``rows``, by ``id``, say of the columns ``names``."""
    if rows:
        values = ", ".join(f"{name} = {_CAUSE if name == 'cause' else f'sent.{name}'}" for name in names)
        sent = sent_rows(Outage, ("id", *names))
        execute_with(
            f"UPDATE {_TABLE} SET {values}, is_untold = TRUE FROM {sent} WHERE {_TABLE}.id = sent.id",  # noqa: S608 - names
            _only(rows, ("id", *names)),
        )


def _only(rows: Iterable[Row], names: Iterable[str]) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]
