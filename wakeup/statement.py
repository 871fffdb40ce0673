"""The one statement that stores a batch of messages and counts them, for PostgreSQL.

Its arrays travel as text literals (``{1,2,3}``): the fastest way in that keeps Django's own connection.
Every value is a number, an ISO time, an address or a flag, none of which needs quoting there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.postgres import Call, Statement, commit, execute
from wakeup.rows import Row

_WAKEUPS = ", ".join(str(kind.value) for kind in sorted(WAKEUPS))
_NOT_NEWEST, _NEWEST_OF_DAY, _NEWEST = 0, 1, 2

# Sorted by concentrator in every upsert, or two writers would lock the same rows in different orders.
RECORD = Statement(
    "wakeup_record",
    "bigint[], smallint[], timestamptz[], timestamptz[], inet[], int[], smallint[], date[], smallint[]",
    f"""
WITH arrived AS MATERIALIZED (
    SELECT * FROM unnest(
        $1, $2, $3, $4, $5, $6, $7, $8, $9
    ) AS row (concentrator_id, kind, received_at, device_time, source_ip, port, format, day, newest)
), stored AS (
    INSERT INTO wakeup_message (concentrator_id, kind, received_at, device_time, source_ip, port, format)
    SELECT concentrator_id, kind, received_at, device_time, source_ip, port, format FROM arrived
), totalled AS (
    INSERT INTO wakeup_wakeuptotal AS total
        (concentrator_id, first_wakeup_at, last_wakeup_at, wakeup_count, last_gasp_at, source_ip, port)
    SELECT concentrator_id,
        min(received_at) FILTER (WHERE kind IN ({_WAKEUPS})),
        max(received_at) FILTER (WHERE kind IN ({_WAKEUPS})),
        count(*) FILTER (WHERE kind IN ({_WAKEUPS})),
        max(received_at) FILTER (WHERE kind = {Kind.LASTGASP.value}),
        max(source_ip) FILTER (WHERE newest = {_NEWEST}),
        max(port) FILTER (WHERE newest = {_NEWEST})
    FROM arrived GROUP BY concentrator_id ORDER BY concentrator_id
    ON CONFLICT (concentrator_id) DO UPDATE SET
        first_wakeup_at = least(total.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = greatest(total.last_wakeup_at, excluded.last_wakeup_at),
        wakeup_count = total.wakeup_count + excluded.wakeup_count,
        last_gasp_at = greatest(total.last_gasp_at, excluded.last_gasp_at),
        source_ip = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.source_ip ELSE total.source_ip END,
        port = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.port ELSE total.port END
)
INSERT INTO wakeup_dailycount AS daily
    (concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip)
SELECT concentrator_id, day, count(*), min(received_at), max(received_at),
    max(source_ip) FILTER (WHERE newest >= {_NEWEST_OF_DAY})
FROM arrived WHERE kind IN ({_WAKEUPS}) GROUP BY concentrator_id, day ORDER BY concentrator_id, day
ON CONFLICT (concentrator_id, day) DO UPDATE SET
    wakeup_count = daily.wakeup_count + excluded.wakeup_count,
    first_wakeup_at = least(daily.first_wakeup_at, excluded.first_wakeup_at),
    last_wakeup_at = greatest(daily.last_wakeup_at, excluded.last_wakeup_at),
    source_ip = CASE WHEN excluded.last_wakeup_at >= daily.last_wakeup_at
        THEN excluded.source_ip ELSE daily.source_ip END
""",  # noqa: S608 - its only insertions are the numbers of the kinds
)


def store_in_one_statement(rows: Sequence[Row], *, commits: bool) -> None:
    """Store and count ``rows`` in PostgreSQL, inside the caller's transaction, which it may end."""
    execute(storing(rows), *(commit() if commits else ()))


def storing(rows: Sequence[Row]) -> Call:
    """The statement that stores and counts ``rows``."""
    concentrators, kinds, received, device, addresses, ports, formats, days = zip(*rows, strict=True)
    arguments = [
        _literal(concentrators),
        _literal(map(int, kinds)),
        _literal(map(datetime.isoformat, received)),
        _literal("NULL" if time is None else time.isoformat() for time in device),
        _literal(addresses),
        _literal(ports),
        _literal(map(int, formats)),
        _literal(map(date.isoformat, days)),
        _literal(_newest_flags(rows)),
    ]
    return Call(RECORD, arguments)


def _literal(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _newest_flags(rows: Sequence[Row]) -> list[int]:
    """Mark the newest wake-up of each concentrator and of each of its days; of equals, the last in order."""
    of_day: dict[tuple[int, date], int] = {}
    for index, row in enumerate(rows):
        if row.kind in WAKEUPS:
            newest = of_day.setdefault((row.concentrator_id, row.day), index)
            if row.received_at >= rows[newest].received_at:
                of_day[row.concentrator_id, row.day] = index
    newest_of: dict[int, int] = {}
    for (concentrator, _day), index in of_day.items():
        best = newest_of.setdefault(concentrator, index)
        if rows[index].received_at >= rows[best].received_at:
            newest_of[concentrator] = index
    flags = [_NOT_NEWEST] * len(rows)
    for index in of_day.values():
        flags[index] = _NEWEST_OF_DAY
    for index in newest_of.values():
        flags[index] = _NEWEST
    return flags
