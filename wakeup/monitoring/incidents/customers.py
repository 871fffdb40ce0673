"""How many concentrators and customers an incident has, by its outages (STA-5, MET-7).

An outage bears what its concentrator had when it began: the customers of the inventory and, if it had handed over a
list, the meters that counted there. A meter in several lists counts at one of them, and a supervisor is no customer's.
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
    SELECT incident_id, count(*), sum(affected), sum(dark), sum(gasps), sum(unplanned), max(planned), sum(listed)
    FROM (
        SELECT incident_id, concentrator_id, max(affected) AS affected,
            max(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END) AS dark,
            max(CASE WHEN is_announced THEN 1 ELSE 0 END) AS gasps,
            max(CASE WHEN planned_id IS NULL THEN 1 ELSE 0 END) AS unplanned,
            max(planned_id) AS planned,
            max(CASE WHEN meters IS NULL THEN 0 ELSE 1 END) AS listed
        FROM {_TABLE} WHERE incident_id IN (%s) GROUP BY incident_id, concentrator_id
    ) AS one
    GROUP BY incident_id
"""  # noqa: S608 - the name of a table


class Tally(NamedTuple):
    """``planned`` is the key of a time of planned work, None if none of them lies in any.

    ``listed`` is how many of its members had a meter list.
    """

    members: int = 0
    customers: int = 0
    dark: int = 0
    gasps: int = 0
    unplanned: int = 0
    planned: int | None = None
    listed: int = 0

    @property
    def source(self) -> CustomersSource:
        if not self.listed:
            return CustomersSource.INVENTORY
        return CustomersSource.METERS if self.listed == self.members else CustomersSource.BOTH


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
