"""Most batches on PostgreSQL (LIS-1): one statement looks concentrators up, stores their messages and counts them.

There are two of them: one for batches in which no concentrator has a second message, which nearly all are, and one that
sums. They store all of a batch or nothing. Nothing it is if there is more to do than that: a stray, a type of
concentrator with kinds of its own, a company's first message, or a midnight between two messages.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from concentrators.models import State
from smmeplus.dlms.clock import Clock
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import HOLD_AND_LOCK, Attempt
from wakeup.recording.libpq import Call, Statement, Steps, literal, quoted
from wakeup.recording.statements import NEWEST, NOT_NEWEST, STORE_AND_COUNT, STORE_AND_COUNT_EACH, newest_by

MAX_REST = 64  # batches

_TO_ITS_END = timedelta(seconds=59, microseconds=999_999)  # from the beginning of a minute

_T = TypeVar("_T")


class _Days(NamedTuple):
    """The reporting day in each zone, as two arrays."""

    zones: str
    days: str


# Of a column that is the same throughout only the first value travels, and times travel as microseconds since 1970:
# that is written and read in less than half the time. What there is but a few of, like zones, is read once and not for
# each concentrator. The sub-select with OFFSET keeps PostgreSQL from walking through all concentrators instead.
# Parameters: the zones in force and the day in each, the zone of the devices' clocks, serial numbers; then the columns.
_TYPES = "text[], date[], text, text[], smallint[], bigint[], timestamptz[], inet[], int[], smallint[]"
_COLUMNS = """coalesce(kind, ($5)[1]) AS kind, to_timestamp(received_us / 1e6::float8) AS received_at, device_time,
        coalesce(source_ip, ($8)[1]) AS source_ip, coalesce(port, ($9)[1]) AS port,
        coalesce(format, ($10)[1]) AS format"""
_ZONES_IN_FORCE = """zones AS MATERIALIZED (
    SELECT array_agg(company_id) AS companies, array_agg(($2)[array_position($1, time_zone::text)]) AS days
    FROM wakeup_countingzone
)"""
_KNOWN = f"""LATERAL (
    SELECT c.id, (SELECT days FROM zones)[array_position((SELECT companies FROM zones), c.company_id)] AS day
    FROM concentrators_concentrator c
    WHERE c.serial_number = wanted.serial AND c.state <> '{State.REMOVED.value}'
        AND c.type_id <> ALL (ARRAY(SELECT type_id FROM concentrators_kindrule))
        AND ($3 = '' OR c.company_id = ANY (ARRAY(SELECT id FROM concentrators_company WHERE time_zone = $3)))
    OFFSET 0
) AS c"""  # noqa: S608 - its only insertions are our own words

#: Where no concentrator has a second message, which is nearly always: nothing has to be summed.
RECORD_EACH = Statement(
    "wakeup_record_each",
    _TYPES,
    f"""
WITH {_ZONES_IN_FORCE}, found AS MATERIALIZED (
    SELECT c.id AS concentrator_id, c.day, wanted.*
    FROM unnest(
        $4, $5, $6, $7, $8, $9, $10
    ) AS wanted (serial, kind, received_us, device_time, source_ip, port, format) CROSS JOIN {_KNOWN}
), arrived AS MATERIALIZED (
    SELECT concentrator_id, day, {_COLUMNS}
    FROM found WHERE (SELECT count(day) FROM found) = cardinality($4)
){STORE_AND_COUNT_EACH}
SELECT count(*) FROM arrived
""",  # noqa: S608 - as above
)

#: Messages name their concentrators by their places among the serial numbers, so that each is looked up once.
RECORD_SUMMED = Statement(
    "wakeup_record_shortly",
    f"{_TYPES}, int[], smallint[]",
    f"""
WITH {_ZONES_IN_FORCE}, came AS (
    SELECT who, coalesce(newest, ($12)[1]) AS newest, {_COLUMNS}
    FROM unnest(
        $5, $6, $7, $8, $9, $10, $11, $12
    ) AS row (kind, received_us, device_time, source_ip, port, format, who, newest)
), found AS MATERIALIZED (
    SELECT array_agg(c.id ORDER BY who) AS ids, array_agg(day ORDER BY who) AS days, count(day) AS count
    FROM unnest($4) WITH ORDINALITY AS wanted (serial, who) CROSS JOIN {_KNOWN}
), arrived AS MATERIALIZED (
    SELECT ids[who] AS concentrator_id, days[who] AS day,
        kind, received_at, device_time, source_ip, port, format, newest
    FROM came, found WHERE found.count = cardinality($4)
){STORE_AND_COUNT}
SELECT count(*) FROM arrived
""",  # noqa: S608 - as above
)

#: The zones of today: those in force, and those of the companies.
_ZONES = """
SELECT (SELECT string_agg(DISTINCT time_zone, ' ') FROM wakeup_countingzone),
    (SELECT string_agg(DISTINCT time_zone, ' ') FROM concentrators_company)
"""

#: What a connection has to have planned before the way is short.
FAST_PATH = (HOLD_AND_LOCK, RECORD_EACH, RECORD_SUMMED)


class FastPath:
    """The fast path of one listener, which learns from the database what zones there are."""

    def __init__(self) -> None:
        self._zones: dict[str, zoneinfo.ZoneInfo] = {}  # those in force, by name
        self._home: str | None = "UTC"  # that of the companies; None if they have several. The first one is a guess
        self._minute: datetime | None = None
        self._days_of_minute: _Days | None = None  # if they are the same throughout
        self._rest = self._penalty = 0  # batches

    def __call__(self, arrivals: Sequence[Arrival], attempt: Attempt[Recorded]) -> Steps[Recorded | None]:
        """Record ``arrivals``, one or more; None if that is not so short, and nothing has been stored then.

        After that it rests for some batches, for more each time: where one was too much for it the next will be, too.
        """
        if self._rest:
            self._rest -= 1
            return None
        recorded = Recorded.of(arrivals)
        knew = None
        while knew != (self._zones, self._home):
            knew = (self._zones, self._home)
            days, zone = self._days(arrivals), self._zone_of_clocks(arrivals)
            if days is None or zone is None:
                return None
            ((count,),) = yield (attempt.begin(arrivals, recorded), _storing(arrivals, days, zone))
            if count != "0":
                self._penalty = 0
                return recorded
            attempt.end()
            ((zones, homes),) = yield (_ZONES,)
            self._learn(zones or "", homes or "")
        self._rest = self._penalty = min(2 * self._penalty + 1, MAX_REST)
        return None

    def _learn(self, zones: str, homes: str) -> None:
        self._zones = {name: zoneinfo.ZoneInfo(name) for name in zones.split()}
        self._home = homes if len(homes.split()) == 1 else None
        self._minute = None

    def _days(self, arrivals: Sequence[Arrival]) -> _Days | None:
        """The reporting day of ``arrivals`` in each zone; None if it is not the same for all of them.

        What holds for the whole of a minute is worked out once.
        """
        times = [arrival.received_at for arrival in arrivals]
        first, last = min(times), max(times)
        minute = first.replace(second=0, microsecond=0)
        end = minute + _TO_ITS_END
        if minute != self._minute:
            self._minute, self._days_of_minute = minute, self._days_between(minute, end)
        if self._days_of_minute is not None and last <= end:
            return self._days_of_minute
        return self._days_between(first, last)

    def _days_between(self, first: datetime, last: datetime) -> _Days | None:
        days = [first.astimezone(zone).date() for zone in self._zones.values()]
        if days != [last.astimezone(zone).date() for zone in self._zones.values()]:
            return None
        return _Days(literal(self._zones), literal(days))

    def _zone_of_clocks(self, arrivals: Sequence[Arrival]) -> str | None:
        """The zone in which the devices' clocks run; "" if none needs one to be told, None if it is not known."""
        if any(arrival.clock is not None and arrival.clock.deviation is None for arrival in arrivals):
            return self._home
        return ""


def _storing(arrivals: Sequence[Arrival], days: _Days, zone: str) -> Call:
    serials, kinds, formats, received, addresses, ports, clocks, _raw, _signs = zip(*arrivals, strict=True)
    head = [*days, zone]
    columns = [
        literal(map(int, _once(kinds))),
        literal(round(1e6 * time.timestamp()) for time in received),
        literal(_device_times(clocks, zone)),
        literal(_once(addresses)),
        literal(_once(ports)),
        literal(map(int, _once(formats))),
    ]
    numbers = {serial: number for number, serial in enumerate(dict.fromkeys(serials), 1)}
    if len(numbers) == len(serials):
        return Call(RECORD_EACH, [*head, quoted(serials), *columns])
    flags = [NOT_NEWEST] * len(arrivals)
    for index in newest_by(serials, kinds, received).values():
        flags[index] = NEWEST
    who = literal(map(numbers.__getitem__, serials))
    return Call(RECORD_SUMMED, [*head, quoted(numbers), *columns, who, literal(_once(flags))])


def _once(values: Sequence[_T]) -> Sequence[_T]:
    """``values``, or the first alone if all others are the same, as they mostly are."""
    return values[:1] if values.count(values[0]) == len(values) else values


def _device_times(clocks: Sequence[Clock | None], zone: str) -> Iterator[str]:
    """By devices' ``clocks``; nothing if none of them tells the time."""
    if any(clocks):
        zone_of_clocks = zoneinfo.ZoneInfo(zone or "UTC")
        for clock in clocks:
            moment = clock.to_utc(zone_of_clocks) if clock is not None else None
            yield "NULL" if moment is None else moment.isoformat()
