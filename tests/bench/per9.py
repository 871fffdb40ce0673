"""PER-9: the disk that a message takes with all indexes once its day is over, and the time a concentrator's day takes.

``BENCH_MESSAGES`` sets the number of messages: two million, if it is not given.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, percentile
from tests.bench.per4 import MS, query, seconds
from wakeup.models import Message
from wakeup.retention.packing import pack, to_pack
from wakeup.retention.partitions import make_room_for_history

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "2_000_000"))
OF_EACH = 144
LONG_AGO = timedelta(days=40)  # its month is over
DAYS_READ = 200

#: Of random concentrators at random times; a few boots and last gasps, a second port and another format.
_FILL = """
    INSERT INTO wakeup_message
        (concentrator_id, kind, received_at, device_time, source_ip, port, format, elsewhere)
    SELECT one, CASE WHEN chance < 0.02 THEN 2 WHEN chance < 0.03 THEN 3 ELSE 1 END, at,
        CASE WHEN one %% 2 = 0 THEN at - interval '1 second' END, '10.0.0.0'::inet + one,
        CASE WHEN chance > 0.95 THEN 4061 ELSE 4059 END, CASE WHEN chance > 0.97 THEN 4 ELSE 1 END, chance = 0.5
    FROM (
        SELECT 1 + floor(random() * %(fleet)s)::int AS one, random() AS chance,
            %(day)s + random() * interval '1 day' AS at
        FROM generate_series(1, %(count)s) ORDER BY at
    ) AS moments
"""


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    now, fleet = timezone.now(), max(1, MESSAGES // OF_EACH)
    day = (now.astimezone(UTC) - LONG_AGO).replace(hour=0, minute=0, second=0, microsecond=0)
    make_room_for_history([day.date()], now)
    query(_FILL, {"fleet": fleet, "day": day, "count": MESSAGES})
    (old,) = to_pack(now, None)
    took = seconds(lambda: pack(now, None))
    (size,) = query("SELECT pg_total_relation_size(%s::regclass)", [old.partition.name])[0]
    notes = [f"{old.size / MESSAGES:.0f} bytes before; {MESSAGES:,} messages packed in {took:.1f} s"]
    times = [MS * seconds(lambda: _read_day(fleet, day)) for _ in range(DAYS_READ)]
    return [
        Result(
            "PER-9",
            "disk for a message of a day that is over",
            "bytes",
            Spread.of([size / MESSAGES]),
            target=Target("≤", 80, "bytes"),
            notes=notes,
        ),
        Result(
            "PER-9",
            f"a concentrator's day, p99 of {DAYS_READ}",
            "ms",
            Spread.of([percentile(times, 0.99)]),
            target=Target("<", 20, "ms"),
        ),
    ]


def _read_day(fleet: int, day: datetime) -> None:
    of_one = Message.objects.filter(concentrator=random.randint(1, fleet))
    list(of_one.filter(received_at__gte=day, received_at__lt=day + timedelta(days=1)).order_by("-received_at"))
