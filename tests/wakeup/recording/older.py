"""What a listener of the version before executes, which knows of no open day: it runs on beside newer ones (OPS-3)."""

from __future__ import annotations

from collections.abc import Sequence

from wakeup.recording.arrivals import MessageRow
from wakeup.recording.libpq import Call, Statement, execute
from wakeup.recording.statements import storing

# Its flags of the newest messages had one more value, for those of a day: here its statement is sent one message each.
RECORD_BEFORE = Statement(
    "wakeup_record_before",
    "bigint[], smallint[], timestamptz[], timestamptz[], inet[], int[], smallint[], date[], smallint[]",
    """
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
    SELECT concentrator_id, wakeup_at, wakeup_at, (wakeup_at IS NOT NULL)::int,
        CASE WHEN kind = 3 THEN received_at END,
        CASE WHEN wakeup_at IS NOT NULL THEN source_ip END, CASE WHEN wakeup_at IS NOT NULL THEN port END
    FROM (SELECT *, CASE WHEN kind IN (1, 2) THEN received_at END AS wakeup_at FROM arrived) AS one
    ON CONFLICT (concentrator_id) DO UPDATE SET
        first_wakeup_at = least(total.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = greatest(total.last_wakeup_at, excluded.last_wakeup_at),
        wakeup_count = total.wakeup_count + excluded.wakeup_count,
        last_gasp_at = greatest(total.last_gasp_at, excluded.last_gasp_at),
        source_ip = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.source_ip ELSE total.source_ip END,
        port = CASE WHEN excluded.last_wakeup_at >= coalesce(total.last_wakeup_at, '-infinity')
            THEN excluded.port ELSE total.port END
), counted AS (
    INSERT INTO wakeup_dailycount AS daily
        (concentrator_id, day, wakeup_count, first_wakeup_at, last_wakeup_at, source_ip)
    SELECT concentrator_id, day, 1, received_at, received_at, source_ip FROM arrived WHERE kind IN (1, 2)
    ON CONFLICT (concentrator_id, day) DO UPDATE SET
        wakeup_count = daily.wakeup_count + excluded.wakeup_count,
        first_wakeup_at = least(daily.first_wakeup_at, excluded.first_wakeup_at),
        last_wakeup_at = greatest(daily.last_wakeup_at, excluded.last_wakeup_at),
        source_ip = CASE WHEN excluded.last_wakeup_at >= daily.last_wakeup_at
            THEN excluded.source_ip ELSE daily.source_ip END
)
SELECT
""",
)


def store_as_before(rows: Sequence[MessageRow]) -> None:
    for row in rows:
        (call,) = storing([row])
        execute(Call(RECORD_BEFORE, call.arguments))
