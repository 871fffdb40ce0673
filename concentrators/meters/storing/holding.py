"""Who may change the meters of a company: one transaction at a time (MET-3).

The order in which locks are taken, so that no two wait for each other: the company's meters as a whole; rows of
meters, of sightings, of numbers of concentrators and of tallies, each in the order of their keys. Only lists and the
master file take the first; a decision on a conflict takes the others alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

#: Arbitrary, but all processes have to agree on it; with the company as second number, a space of its own
#: (``wakeup.locks`` has the others).
_METERS: Final = 58_696
_MOST = 2**31


def hold_meters(company_ids: Iterable[int]) -> None:
    """Wait until nobody else changes which meters these companies have where; let nobody until the transaction ends.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for company in sorted(company_ids):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_METERS, company % _MOST])
