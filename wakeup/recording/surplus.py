"""Counts the messages that were above their sender's rate, by sender and minute (SEC-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from wakeup.models import SurplusCount
from wakeup.recording.arrivals import Arrival

_UPSERT = """
    INSERT INTO wakeup_surpluscount (sender, minute, count) VALUES (%s, %s, %s)
    ON CONFLICT (sender, minute) DO UPDATE SET count = wakeup_surpluscount.count + excluded.count
"""


def count_surplus(surplus: Iterable[Arrival]) -> None:
    """Add ``surplus`` to its rows, within the caller's transaction. All writers lock rows in the same order.

    The serial number of each is that of its sender, or its address if that has sent too much.
    """
    counts = Counter((one.serial, one.received_at.replace(second=0, microsecond=0)) for one in surplus)
    if not counts:
        return
    minute = SurplusCount._meta.get_field("minute")
    rows = [[sender, minute.get_db_prep_save(at, connection), count] for (sender, at), count in sorted(counts.items())]
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)
