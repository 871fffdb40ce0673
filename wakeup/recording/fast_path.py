"""The fast path of most batches on PostgreSQL (LIS-1): one statement, one round trip.

The statement looks the concentrators up, stores their messages and counts them, for the whole batch or not at all. A
batch for which there is more to do takes the slow path: one with a stray, a type of concentrator with kinds of its own,
a company's first message, a midnight between two messages, a clock without a zone while companies lie in several or its
concentrator in another than its company, or a message that does not come from the expected networks of its
concentrator, or a ciphered one that is not new.

There are two statements, because an upsert may change a row only once. If no concentrator has a second message, as in
nearly all batches, each message leads to its own change of a total and of a day, and nothing has to be summed
(RECORD_EACH)::

    A1 at 12:00:00.1    the total and the day of A1: 1 more, the last at 12:00:00.1
    B2 at 12:00:00.2    the total and the day of B2: 1 more, the last at 12:00:00.2
    C3 at 12:00:00.3    the total and the day of C3: 1 more, the last at 12:00:00.3

If one has, its messages are summed first (RECORD_SUMMED)::

    A1 at 12:00:00.1
    B2 at 12:00:00.2    the total and the day of B2: 1 more, the last at 12:00:00.2
    A1 at 12:00:00.3    the total and the day of A1: 2 more, the first at 12:00:00.1, the last at 12:00:00.3
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple, TypeVar

from concentrators.models import State
from smmeplus.dlms.clock import Clock
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import HOLD_AND_LOCK, Attempt
from wakeup.recording.libpq import Call, Statement, Steps, literal, quoted
from wakeup.recording.sealed.fast import Gathered, Parts, gather, with_seals, without_seals
from wakeup.recording.statements import NEWEST, NOT_NEWEST, STORE_AND_COUNT, STORE_AND_COUNT_EACH, newest_by

MAX_REST = 64  # batches

_TO_ITS_END = timedelta(seconds=59, microseconds=999_999)  # from the beginning of a minute

_T = TypeVar("_T")


class _Days(NamedTuple):
    """The reporting day in each zone, as two arrays."""

    zones: str
    days: str


# A batch is sent as arrays, one for each column: $4 are the serial numbers, $5 to $10 the other columns. A column whose
# values are all the same is sent as an array of that one value (see ``_once``). The first three messages above, if A1
# and B2 have sent keep-alives and C3 has booted, are sent as
#
#     serial {A1,B2,C3}   kind {1,1,2}   received_us {…100000,…200000,…300000}   port {58692}
#
# unnest() fills short arrays up with NULL, and coalesce(port, ($9)[1]) puts the one value in its place. Times are sent
# as microseconds since 1970. All this is written and read in less than half the time.
#
# $1 are the zones in force and $2 the day in each of them; $3 is the zone of devices' clocks, "" if none needs it. What
# there are only few of, like zones, is read once instead of for each concentrator. The sub-select with OFFSET keeps
# PostgreSQL from walking through all concentrators instead of looking these up.
_TYPES = "text[], date[], text, text[], smallint[], bigint[], timestamptz[], inet[], int[], smallint[]"
_COLUMNS = """coalesce(kind, ($5)[1]) AS kind, to_timestamp(received_us / 1e6::float8) AS received_at, device_time,
        coalesce(source_ip, ($8)[1]) AS source_ip, coalesce(port, ($9)[1]) AS port,
        coalesce(format, ($10)[1]) AS format"""
_ZONES_IN_FORCE = """zones AS MATERIALIZED (
    SELECT array_agg(company_id) AS companies, array_agg(($2)[array_position($1, time_zone::text)]) AS days
    FROM wakeup_countingzone
)"""


def _known(within: str, allowed: str) -> str:
    """The concentrator of the row ``wanted``, if that can be recorded here.

    ``within`` is SQL that says whether the message comes from its expected networks, which stand in the place of {};
    ``allowed`` whether it may be plain, or ciphered, as it is.
    """
    return f"""LATERAL (
    SELECT c.id, (SELECT days FROM zones)[array_position((SELECT companies FROM zones), c.company_id)] AS day
    FROM concentrators_concentrator c
    WHERE c.serial_number = wanted.serial AND c.state <> '{State.REMOVED.value}'
        AND c.type_id <> ALL (ARRAY(SELECT type_id FROM concentrators_kindrule))
        AND {allowed}
        AND ($3 = '' OR CASE c.time_zone
            WHEN '' THEN c.company_id = ANY (ARRAY(SELECT id FROM concentrators_company WHERE time_zone = $3))
            ELSE c.time_zone = $3
        END)
        AND CASE
            WHEN c.expected_networks <> '' THEN {within.format("c.expected_networks")}
            WHEN c.company_id = ANY (ARRAY(SELECT id FROM concentrators_company WHERE expected_networks <> ''))
                THEN {within.format("(SELECT expected_networks FROM concentrators_company WHERE id = c.company_id)")}
            ELSE true
        END
    OFFSET 0
) AS c"""  # noqa: S608 - its only insertions are our own words


_WITHIN = "coalesce(wanted.source_ip, ($8)[1]) <<= ANY (string_to_array({}, ' ')::inet[])"


def _each(name: str, seals: Parts) -> Statement:
    """For batches in which no concentrator has a second message."""
    return Statement(
        name,
        f"{_TYPES}{seals.types}",
        f"""
WITH {_ZONES_IN_FORCE}, found AS MATERIALIZED (
    SELECT c.id AS concentrator_id, c.day, wanted.*
    FROM unnest(
        $4, $5, $6, $7, $8, $9, $10{seals.titles}
    ) AS wanted (serial, kind, received_us, device_time, source_ip, port, format{seals.title})
        CROSS JOIN {_known(_WITHIN, seals.allowed)}
){seals.tables}, arrived AS MATERIALIZED (
    SELECT concentrator_id, day, {_COLUMNS}
    FROM found WHERE {seals.is_good}
){STORE_AND_COUNT_EACH}
SELECT count(*){seals.counters} FROM arrived
""",  # noqa: S608 - as above
    )


def _summed(name: str, seals: Parts) -> Statement:
    """For all others, but for concentrators with expected networks.

    Each concentrator is looked up once: $4 has every serial number once, and $11 says for each message which of them
    sent it, counted from 1. $12 says which messages are the newest ones, whose address and port are kept.
    """
    return Statement(
        name,
        f"{_TYPES}, int[], smallint[]{seals.types}",
        f"""
WITH {_ZONES_IN_FORCE}, came AS (
    SELECT who, coalesce(newest, ($12)[1]) AS newest, {_COLUMNS}
    FROM unnest(
        $5, $6, $7, $8, $9, $10, $11, $12
    ) AS row (kind, received_us, device_time, source_ip, port, format, who, newest)
), found AS MATERIALIZED (
    SELECT array_agg(c.id ORDER BY who) AS ids, array_agg(day ORDER BY who) AS days, count(day) AS count
    FROM unnest($4{seals.titles}) WITH ORDINALITY AS wanted (serial{seals.title}, who)
        CROSS JOIN {_known("false", seals.allowed)}
){seals.tables}, arrived AS MATERIALIZED (
    SELECT ids[who] AS concentrator_id, days[who] AS day,
        kind, received_at, device_time, source_ip, port, format, newest
    FROM came, found WHERE {seals.is_good}
){STORE_AND_COUNT}
SELECT count(*){seals.counters} FROM arrived
""",  # noqa: S608 - as above
    )


_EACH_IS_KNOWN = "(SELECT count(day) FROM found) = cardinality($4)"
RECORD_EACH = _each("wakeup_record_each", without_seals(_EACH_IS_KNOWN))
SEALED_EACH = _each("wakeup_sealed_each", with_seals(_EACH_IS_KNOWN, 11))
RECORD_SUMMED = _summed("wakeup_record_summed", without_seals("found.count = cardinality($4)"))
SEALED_SUMMED = _summed("wakeup_sealed_summed", with_seals("(SELECT count FROM found) = cardinality($4)", 13))

#: The zones in force, and the zones of the companies.
_ZONES = """
SELECT (SELECT string_agg(DISTINCT time_zone, ' ') FROM wakeup_countingzone),
    (SELECT string_agg(DISTINCT time_zone, ' ') FROM concentrators_company)
"""

#: What a connection has to have planned before it can take the fast path.
FAST_PATH = (HOLD_AND_LOCK, RECORD_EACH, RECORD_SUMMED, SEALED_EACH, SEALED_SUMMED)


class FastPath:
    """The fast path of one listener. It remembers the zones in force, and reads them again when that may help."""

    def __init__(self) -> None:
        self._zones: dict[str, zoneinfo.ZoneInfo] = {}  # those in force, by name
        self._home: str | None = "UTC"  # the zone of all companies; None if they have several. UTC is a first guess
        self._minute: datetime | None = None
        self._days_of_minute: _Days | None = None  # None if a day begins within the minute
        self._rest = self._penalty = 0  # batches

    def __call__(self, arrivals: Sequence[Arrival], attempt: Attempt[Recorded]) -> Steps[Recorded | None]:
        """Record ``arrivals``, one or more. None, with nothing stored, if they need the slow path.

        If the statement stored nothing, the next batches probably need the slow path as well: 1 of them takes it
        without a try, then 3, then 7, up to ``MAX_REST``, until the fast path succeeds again.
        """
        if self._rest:
            self._rest -= 1
            return None
        is_plain = all(arrival.seal is None for arrival in arrivals)
        seals = None if is_plain else gather(arrivals)
        if not is_plain and seals is None:
            return None
        recorded = Recorded.of(arrivals)
        knew = None
        while knew != (self._zones, self._home):
            knew = (self._zones, self._home)
            days, zone = self._days(arrivals), self._zone_of_clocks(arrivals)
            if days is None or zone is None:
                return None
            ((count, *counters),) = yield (attempt.begin(arrivals, recorded), _storing(arrivals, days, zone, seals))
            if count != "0":
                self._penalty = 0
                if seals is not None:
                    seals.accept(counters[0] or "")
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

        It is computed once a minute.
        """
        by_time = attrgetter("received_us")
        first, last = min(arrivals, key=by_time).received_at, max(arrivals, key=by_time).received_at
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
        """The zone of the devices' clocks; "" if all clocks say theirs, None if companies lie in several zones."""
        if any(arrival.clock is not None and arrival.clock.deviation is None for arrival in arrivals):
            return self._home
        return ""


def _storing(arrivals: Sequence[Arrival], days: _Days, zone: str, seals: Gathered | None) -> Call:
    serials = [arrival.serial for arrival in arrivals]
    kinds = [arrival.kind for arrival in arrivals]
    received_us = [arrival.received_us for arrival in arrivals]
    head = [*days, zone]
    columns = [
        literal(map(int, _once(kinds))),
        literal(received_us),
        literal(_device_times([arrival.clock for arrival in arrivals], zone)),
        literal(_once([arrival.source_ip for arrival in arrivals])),
        literal(_once([arrival.port for arrival in arrivals])),
        literal(map(int, _once([arrival.format for arrival in arrivals]))),
    ]
    numbers = {serial: number for number, serial in enumerate(dict.fromkeys(serials), 1)}
    if len(numbers) == len(serials):
        arguments = [*head, quoted(serials), *columns]
        return Call(SEALED_EACH, arguments + seals.arguments(serials)) if seals else Call(RECORD_EACH, arguments)
    flags = [NOT_NEWEST] * len(arrivals)
    for index in newest_by(serials, kinds, received_us).values():
        flags[index] = NEWEST
    who = literal(map(numbers.__getitem__, serials))
    arguments = [*head, quoted(numbers), *columns, who, literal(_once(flags))]
    return Call(SEALED_SUMMED, arguments + seals.arguments([*numbers])) if seals else Call(RECORD_SUMMED, arguments)


def _once(values: Sequence[_T]) -> Sequence[_T]:
    """``values``, or the first alone if all are the same, as they mostly are."""
    return values[:1] if values.count(values[0]) == len(values) else values


def _device_times(clocks: Sequence[Clock | None], zone: str) -> Iterator[str]:
    """The times of devices' ``clocks`` in UTC; empty if no message has one."""
    if any(clocks):
        zone_of_clocks = zoneinfo.ZoneInfo(zone or "UTC")
        for clock in clocks:
            moment = clock.to_utc(zone_of_clocks) if clock is not None else None
            yield "NULL" if moment is None else moment.isoformat()
