"""The statement that stores a batch of messages on PostgreSQL and counts them.

It has a beginning, which says where the messages come from, and an end, which stores and counts them. The beginning
here takes rows that are ready; those of :mod:`wakeup.recording.fast_path` look the concentrators up themselves. There
are two ends: one sums, the other is for batches in which no concentrator has a second message.

In one statement all messages of a concentrator are of one reporting day. Its total counts the day that is open, that of
its newest wake-up. A trigger (``wakeup/migrations/0020_open_day.py``) writes the day's row when another one begins, and
that of an earlier day when a message comes late. It does so under the lock of the total, so that totals are all that
writers have to lock in one order.

Arrays are sent as text literals (``{1,2,3}``), the fastest way that keeps Django's own connection. All their values are
numbers, ISO times, addresses or flags, which need no quoting.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.recording.arrivals import MessageRow
from wakeup.recording.libpq import Call, Statement, literal

_Key = TypeVar("_Key", bound=Hashable)

_WAKEUPS = ", ".join(str(kind.value) for kind in sorted(WAKEUPS))
NOT_NEWEST, NEWEST = 0, 1

_STORED = """stored AS (
    INSERT INTO wakeup_message (concentrator_id, kind, received_at, device_time, source_ip, port, format)
    SELECT concentrator_id, kind, received_at, device_time, source_ip, port, format FROM arrived
)"""

# Of another day than the open one it writes what came as it is, and the trigger puts it where it belongs.
_NEWEST = """excluded.last_wakeup_at >=
            CASE WHEN excluded.day = total.day THEN total.last_wakeup_at ELSE '-infinity' END"""


def _totalled(sums: str) -> str:
    """``sums`` is SQL with a row for each concentrator; its day is that of its wake-ups, NULL if it has none."""
    return f"""totalled AS (
    INSERT INTO wakeup_wakeuptotal AS total (concentrator_id, wakeup_count, first_wakeup_at, last_wakeup_at,
        last_gasp_at, source_ip, port, day, day_count, day_first_at)
    SELECT concentrator_id, wakeup_count, first_wakeup_at, last_wakeup_at,
        last_gasp_at, source_ip, port, day, wakeup_count, first_wakeup_at
    FROM ({sums}) AS sums ORDER BY concentrator_id
    ON CONFLICT (concentrator_id) DO UPDATE SET
        wakeup_count = total.wakeup_count + excluded.wakeup_count,
        first_wakeup_at = least(total.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = CASE WHEN {_NEWEST} THEN excluded.last_wakeup_at ELSE total.last_wakeup_at END,
        last_gasp_at = greatest(total.last_gasp_at, excluded.last_gasp_at),
        source_ip = CASE WHEN {_NEWEST} THEN excluded.source_ip ELSE total.source_ip END,
        port = CASE WHEN {_NEWEST} THEN excluded.port ELSE total.port END,
        day = coalesce(excluded.day, total.day),
        day_count = excluded.day_count + CASE WHEN excluded.day <> total.day THEN 0 ELSE total.day_count END,
        day_first_at = CASE WHEN excluded.day <> total.day THEN excluded.day_first_at
            ELSE least(total.day_first_at, excluded.day_first_at) END
)"""  # noqa: S608 - its only insertions are our own words


_SUMS = f"""SELECT concentrator_id,
        count(*) FILTER (WHERE kind IN ({_WAKEUPS})) AS wakeup_count,
        min(received_at) FILTER (WHERE kind IN ({_WAKEUPS})) AS first_wakeup_at,
        max(received_at) FILTER (WHERE kind IN ({_WAKEUPS})) AS last_wakeup_at,
        max(received_at) FILTER (WHERE kind = {Kind.LASTGASP.value}) AS last_gasp_at,
        max(source_ip) FILTER (WHERE newest = {NEWEST}) AS source_ip,
        max(port) FILTER (WHERE newest = {NEWEST}) AS port,
        max(day) FILTER (WHERE kind IN ({_WAKEUPS})) AS day
    FROM arrived GROUP BY concentrator_id"""  # noqa: S608 - its only insertions are our own numbers
_SUMS_OF_ONE = f"""SELECT concentrator_id, is_wakeup::int AS wakeup_count,
        CASE WHEN is_wakeup THEN received_at END AS first_wakeup_at,
        CASE WHEN is_wakeup THEN received_at END AS last_wakeup_at,
        CASE WHEN kind = {Kind.LASTGASP.value} THEN received_at END AS last_gasp_at,
        CASE WHEN is_wakeup THEN source_ip END AS source_ip,
        CASE WHEN is_wakeup THEN port END AS port,
        CASE WHEN is_wakeup THEN day END AS day
    FROM (SELECT *, kind IN ({_WAKEUPS}) AS is_wakeup FROM arrived) AS one"""  # noqa: S608 - as above

#: To follow ``WITH arrived (concentrator_id, kind, received_at, device_time, source_ip, port, format, day, newest)``.
#: Sorted by concentrator, or two writers would lock the same totals in different orders. PostgreSQL executes what
#: nobody reads from last to first, so it stores before it locks a total: a writer that waits for one has done half its
#: work.
STORE_AND_COUNT = ", ".join(("", _totalled(_SUMS), _STORED))

#: The same for batches in which no concentrator has a second message: nothing is summed, and there is no ``newest``.
STORE_AND_COUNT_EACH = ", ".join(("", _totalled(_SUMS_OF_ONE), _STORED))

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


def storing(rows: Sequence[MessageRow]) -> list[Call]:
    """What stores and counts ``rows``, one or more: a call, and more if a concentrator has messages of several days.

    The first call has all concentrators, so that the later ones lock no total that is not locked.
    """
    rounds: dict[int, list[MessageRow]] = {}
    days_of: dict[int, dict[date, int]] = {}
    for row in rows:
        days = days_of.setdefault(row.concentrator_id, {})
        rounds.setdefault(days.setdefault(row.day, len(days)), []).append(row)
    return [_storing(rounds[number]) for number in sorted(rounds)]


def _storing(rows: Sequence[MessageRow]) -> Call:
    concentrators, kinds, received, device, addresses, ports, formats, days = zip(*rows, strict=True)
    flags = [NOT_NEWEST] * len(rows)
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


def newest_by(keys: Iterable[_Key], kinds: Sequence[Kind], times: Sequence[Any]) -> dict[_Key, int]:
    """The index of the newest wake-up of each key; of several at the same time, the last. Each message has a key."""
    newest: dict[_Key, int] = {}
    for index, (key, kind) in enumerate(zip(keys, kinds, strict=True)):
        if kind in WAKEUPS and times[index] >= times[newest.setdefault(key, index)]:
            newest[key] = index
    return newest
