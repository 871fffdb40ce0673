"""How many concentrators and customers an incident has, by its outages (STA-5, MET-7).

An outage bears the customers that its concentrator had when it began. Once there are lists of meters they are to be
asked where that number is taken, in :mod:`wakeup.monitoring.outages.changes`, and ``source`` is to say so here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from wakeup.models import Outage
from wakeup.models.incidents import CustomersSource
from wakeup.monitoring.changes.storing import among

_TABLE = Outage._meta.db_table
#: Each concentrator counts once, however often it went dark.
_TALLY = f"""
    SELECT incident_id, count(*), sum(customers), sum(dark), sum(gasps), sum(unplanned), max(planned)
    FROM (
        SELECT incident_id, concentrator_id, max(customers) AS customers,
            max(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END) AS dark,
            max(CASE WHEN is_announced THEN 1 ELSE 0 END) AS gasps,
            max(CASE WHEN planned_id IS NULL THEN 1 ELSE 0 END) AS unplanned,
            max(planned_id) AS planned
        FROM {_TABLE} WHERE incident_id IN (%s) GROUP BY incident_id, concentrator_id
    ) AS one
    GROUP BY incident_id
"""  # noqa: S608 - the name of a table


class Tally(NamedTuple):
    """``planned`` is the key of a time of planned work, None if none of them lies in any."""

    members: int = 0
    customers: int = 0
    dark: int = 0
    gasps: int = 0
    unplanned: int = 0
    planned: int | None = None

    @property
    def source(self) -> CustomersSource:
        return CustomersSource.INVENTORY


def tallies(incidents: Iterable[int]) -> dict[int, Tally]:
    """By incident, all of them; one query."""
    keys = sorted(incidents)
    if not keys:
        return {}
    chosen = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(_TALLY % chosen.sql, chosen.params)
        found: dict[int, Tally] = {key: Tally(*numbers) for key, *numbers in cursor.fetchall()}
    return {key: found.get(key, Tally()) for key in keys}
