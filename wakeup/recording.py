"""All the database work for what comes in: messages, totals, days and strays in one transaction (LIS-1, LIS-6)."""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef

from concentrators.models import Company, Concentrator, KindRule, State
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind, Sign, kind_by
from wakeup.attempts import Attempt
from wakeup.models import Format, Message, Reason, StrayFrame
from wakeup.models.strays import Stray
from wakeup.rows import Row
from wakeup.zones import hold_counting_zones, start_counting


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it came in, before anyone looked up its concentrator.

    ``received_at`` is the server's clock (aware); ``port`` that of the listener; ``raw`` the frame's bytes;
    ``kind`` what ``sign`` says by default, for which a type of concentrator may have a table of its own (WIR-4).
    """

    serial: str
    kind: Kind
    format: Format
    received_at: datetime
    source_ip: str
    port: int
    clock: Clock | None = None
    raw: bytes = b""
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: messages by kind and format, and stray frames by reason."""

    messages: Counter[tuple[Kind, int]] = field(default_factory=Counter)
    strays: Counter[Reason] = field(default_factory=Counter)


class Known(NamedTuple):
    """What recording needs to know of a concentrator."""

    concentrator_id: int
    state: State
    zone: zoneinfo.ZoneInfo  # at whose midnight its days are cut
    company_zone: zoneinfo.ZoneInfo  # in which its own clock runs if it does not say otherwise
    kinds: Mapping[str, Kind] | None = None  # what its type means other than by default


def record(
    arrivals: Sequence[Arrival], refused: Sequence[Stray] = (), attempt: Attempt[Recorded] | None = None
) -> Recorded:
    """Store and count everything, or nothing: one transaction, committed when this returns.

    Arrivals of unknown or removed concentrators become stray frames, beside those already ``refused``. Who tries
    again after a failure hands in the same ``attempt``: nothing is then stored twice.
    """
    attempt = attempt or Attempt()
    done = attempt.committed()
    if done is not None:
        return done
    with transaction.atomic():
        number = hold_counting_zones()
        known = look_up({arrival.serial for arrival in arrivals})
        rows, strays = [], list(refused)
        for arrival in arrivals:
            stray = _stray(arrival, known)
            if stray is None:
                rows.append(to_row(arrival, known[arrival.serial]))
            else:
                strays.append(stray)
        Message.objects.record(rows)
        StrayFrame.objects.count_in(strays)
        attempt.transaction, attempt.result = number, _summary(rows, strays)
    return attempt.result


def _summary(rows: Sequence[Row], strays: Sequence[Stray]) -> Recorded:
    counted: Counter[Reason] = Counter()
    for stray in strays:
        counted[stray.reason] += stray.count
    return Recorded(Counter((row.kind, row.format) for row in rows), counted)


def record_history(arrivals: Sequence[Arrival], known: Mapping[str, Known]) -> None:
    """Store and count messages from the past, of ``known`` concentrators only; a removed one had its time, too.

    Within the caller's transaction, which holds the counting zones.
    """
    Message.objects.record([to_row(arrival, known[arrival.serial]) for arrival in arrivals])


def look_up(serials: Iterable[str]) -> dict[str, Known]:
    """Find concentrators by serial number, with the zones in force for their companies and their types' kinds."""
    found = list(
        Concentrator.objects.filter(serial_number__in=set(serials))
        .order_by()
        .values_list(
            "serial_number",
            "pk",
            "state",
            "company_id",
            "company__counting_zone__time_zone",
            "company__time_zone",
            "type_id",
            Exists(KindRule.objects.filter(type=OuterRef("type"))),
        )
    )
    new = {company for _serial, _pk, _state, company, zone, *_ in found if zone is None}
    started = start_counting(Company.objects.filter(pk__in=new)) if new else {}
    kinds = _kinds_of({type_ for *_, type_, has_own in found if has_own})
    return {
        serial: Known(
            pk,
            State(state),
            zoneinfo.ZoneInfo(zone or started[company]),
            zoneinfo.ZoneInfo(company_zone),
            kinds.get(type_),
        )
        for serial, pk, state, company, zone, company_zone, type_, _has_own in found
    }


def _kinds_of(types: set[int]) -> dict[int, dict[str, Kind]]:
    kinds: dict[int, dict[str, Kind]] = {}
    if types:
        for type_, sign, kind in KindRule.objects.filter(type__in=types).values_list("type_id", "sign", "kind"):
            kinds.setdefault(type_, {})[sign] = Kind(kind)
    return kinds


def to_row(arrival: Arrival, known: Known) -> Row:
    """The arrival as a row of its concentrator, on the reporting day of its time of receipt (REP-5)."""
    kind = kind_by(known.kinds, arrival.sign, arrival.kind) if known.kinds and arrival.sign else arrival.kind
    return Row(
        known.concentrator_id,
        kind,
        arrival.received_at,
        arrival.clock.to_utc(known.company_zone) if arrival.clock else None,
        arrival.source_ip,
        arrival.port,
        arrival.format,
        arrival.received_at.astimezone(known.zone).date(),
    )


def _stray(arrival: Arrival, known: Mapping[str, Known]) -> Stray | None:
    found = known.get(arrival.serial)
    if found is not None and found.state != State.REMOVED:
        return None
    reason = Reason.UNKNOWN if found is None else Reason.REMOVED
    return Stray(reason, arrival.serial, arrival.received_at, arrival.source_ip, arrival.raw, arrival.kind.word)
