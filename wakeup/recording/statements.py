"""The statement that stores a batch of messages on PostgreSQL and counts them.

It has a beginning, which says where the messages come from, and an end, which stores and counts them. The beginning
here takes rows that are ready; those of :mod:`wakeup.recording.fast_path` look the concentrators up themselves. There
are two ends: one sums, the other is for batches in which no concentrator has a second message.

Arrays are sent as text literals (``{1,2,3}``), the fastest way that keeps Django's own connection. All their values are
numbers, ISO times, addresses or flags, which need no quoting.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.recording.arrivals import MessageRow
from wakeup.recording.libpq import Call, Statement, literal

_Key = TypeVar("_Key", bound=Hashable)

_WAKEUPS = ", ".join(str(kind.value) for kind in sorted(WAKEUPS))
NOT_NEWEST, NEWEST_OF_DAY, NEWEST = 0, 1, 2

_STORED = """stored AS (
    INSERT INTO wakeup_message (concentrator_id, kind, received_at, device_time, source_ip, port, format)
    SELECT concentrator_id, kind, received_at, device_time, source_ip, port, format FROM arrived
)"""


def _totalled(sums: str) -> str:
    return f"""totalled AS (
    INSERT INTO wakeup_wakeuptotal AS total
        (concentrator_id, first_wakeup_at, last_wakeup_at, wakeup_count, last_gasp_at, source_ip, port)
    {sums}
    ON CONFLICT (concentrator_id) DO UPDATE SET
        first_wakeup_at = least(total.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = greatest(total.last_wakeup_at, excluded.last_wakeup_at),
        wakeup_count = total.wakeup_count + excluded.wakeup_count,
        last_gasp_at = greatest(total.last_gasp_at, excluded.last_gasp_at),
        source_ip = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.source_ip ELSE total.source_ip END,
        port = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.port ELSE total.port END
)"""


def _counted(sums: str) -> str:
    return f"""counted AS (
    INSERT INTO wakeup_dailycount AS daily
        (concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip)
    {sums}
    ON CONFLICT (concentrator_id, day) DO UPDATE SET
        wakeup_count = daily.wakeup_count + excluded.wakeup_count,
        first_wakeup_at = least(daily.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = greatest(daily.last_wakeup_at, excluded.last_wakeup_at),
        source_ip = CASE WHEN excluded.last_wakeup_at >= daily.last_wakeup_at
            THEN excluded.source_ip ELSE daily.source_ip END
)"""


_SUMMED = f"""summed AS MATERIALIZED (
    SELECT concentrator_id, day,
        count(*) FILTER (WHERE kind IN ({_WAKEUPS})) AS wakeup_count,
        min(received_at) FILTER (WHERE kind IN ({_WAKEUPS})) AS first_wakeup_at,
        max(received_at) FILTER (WHERE kind IN ({_WAKEUPS})) AS last_wakeup_at,
        max(received_at) FILTER (WHERE kind = {Kind.LASTGASP.value}) AS last_gasp_at,
        max(source_ip) FILTER (WHERE newest >= {NEWEST_OF_DAY}) AS source_ip_of_day,
        max(source_ip) FILTER (WHERE newest = {NEWEST}) AS source_ip,
        max(port) FILTER (WHERE newest = {NEWEST}) AS port
    FROM arrived GROUP BY concentrator_id, day ORDER BY concentrator_id, day
)"""  # noqa: S608 - its only insertions are our own numbers
_TOTALS = """SELECT concentrator_id, min(first_wakeup_at), max(last_wakeup_at), sum(wakeup_count), max(last_gasp_at),
        max(source_ip), max(port)
    FROM summed GROUP BY concentrator_id ORDER BY concentrator_id"""
_DAYS = """SELECT concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip_of_day
    FROM summed WHERE wakeup_count > 0 ORDER BY concentrator_id, day"""

_TOTALS_OF_ONE = f"""SELECT concentrator_id, wakeup_at, wakeup_at, (wakeup_at IS NOT NULL)::int,
        CASE WHEN kind = {Kind.LASTGASP.value} THEN received_at END,
        CASE WHEN wakeup_at IS NOT NULL THEN source_ip END, CASE WHEN wakeup_at IS NOT NULL THEN port END
    FROM (SELECT *, CASE WHEN kind IN ({_WAKEUPS}) THEN received_at END AS wakeup_at FROM arrived) AS one
    ORDER BY concentrator_id"""  # noqa: S608 - as above
_DAY_OF_ONE = f"""SELECT concentrator_id, day, 1, received_at, received_at, source_ip
    FROM arrived WHERE kind IN ({_WAKEUPS}) ORDER BY concentrator_id"""  # noqa: S608 - as above

#: To follow ``WITH arrived (concentrator_id, kind, received_at, device_time, source_ip, port, format, day, newest)``.
#: Sorted by concentrator in every upsert, or two writers would lock the same rows in different orders. PostgreSQL
#: executes what nobody reads from last to first, so it stores before it locks a day or a total: a writer that waits for
#: one has done half its work. Days come before totals as in older versions, or one of those could wait in a circle.
STORE_AND_COUNT = ", ".join(("", _SUMMED, _totalled(_TOTALS), _counted(_DAYS), _STORED))

#: The same for batches in which no concentrator has a second message: nothing is summed, and there is no ``newest``.
STORE_AND_COUNT_EACH = ", ".join(("", _totalled(_TOTALS_OF_ONE), _counted(_DAY_OF_ONE), _STORED))

RECORD = Statement(
    "wakeup_record",
    "bigint[], smallint[], timestamptz[], timestamptz[], inet[], int[], smallint[], date[], smallint[]",
    f"""
WITH arrived AS MATERIALIZED (
    SELECT * FROM unnest(
        $1, $2, $3, $4, $5, $6, $7, $8, $9
    ) AS row (concentrator_id, kind, received_at, device_time, source_ip, port, format, day, newest)
){STORE_AND_COUNT}
SELECT
""",  # noqa: S608 - as above
)


def storing(rows: Sequence[MessageRow]) -> Call:
    """What stores and counts ``rows``, one or more."""
    concentrators, kinds, received, device, addresses, ports, formats, days = zip(*rows, strict=True)
    flags = [NOT_NEWEST] * len(rows)
    for index in newest_by(zip(concentrators, days, strict=True), kinds, received).values():
        flags[index] = NEWEST_OF_DAY
    for index in newest_by(concentrators, kinds, received).values():
        flags[index] = NEWEST
    arguments = [
        literal(concentrators),
        literal(map(int, kinds)),
        literal(map(datetime.isoformat, received)),
        literal("NULL" if time is None else time.isoformat() for time in device),
        literal(addresses),
        literal(ports),
        literal(map(int, formats)),
        literal(map(date.isoformat, days)),
        literal(flags),
    ]
    return Call(RECORD, arguments)


def newest_by(keys: Iterable[_Key], kinds: Sequence[Kind], times: Sequence[datetime]) -> dict[_Key, int]:
    """The index of the newest wake-up of each key; of several at the same time, the last. Each message has a key."""
    newest: dict[_Key, int] = {}
    for index, (key, kind) in enumerate(zip(keys, kinds, strict=True)):
        if kind in WAKEUPS and times[index] >= times[newest.setdefault(key, index)]:
            newest[key] = index
    return newest
