"""What is to become of each message, now that its concentrator is known: stored and counted, marked, or a stray."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from concentrators.models import DeviceKeys, State
from profiles.models import FromElsewhere, SystemSettings
from smmeplus.dlms.kinds import kind_by
from wakeup.models import Format
from wakeup.models.strays import Stray, StrayReason
from wakeup.recording.arrivals import Arrival, MessageRow
from wakeup.recording.lookup import Known


@dataclass(slots=True)
class Sorted:
    """``marked`` rows come from elsewhere than expected: they are stored, but enter no counter (SEC-1)."""

    rows: list[MessageRow] = field(default_factory=list)
    marked: list[MessageRow] = field(default_factory=list)
    stored: list[Arrival] = field(default_factory=list)  # those of both kinds of rows
    strays: list[Stray] = field(default_factory=list)
    unanswered: list[Arrival] = field(default_factory=list)  # those of the strays that prove nothing (SEC-3)


def sort_out(arrivals: Iterable[Arrival], known: Mapping[str, Known]) -> Sorted:
    """One query more if networks are expected of any of ``known``."""
    policy = _policy(known)
    found = Sorted()
    for arrival in arrivals:
        one = known.get(arrival.serial)
        if one is None or one.state == State.REMOVED:
            found.strays.append(_stray(arrival, StrayReason.UNKNOWN if one is None else StrayReason.REMOVED))
        elif one.ciphered_only and arrival.seal is None:
            _refuse_plain(found, arrival)
        elif policy is FromElsewhere.ACCEPTED or arrival.is_proven or one.is_expected_from(arrival.source_ip):
            found.stored.append(arrival)
            found.rows.append(to_row(arrival, one))
        elif policy is FromElsewhere.MARKED:
            found.stored.append(arrival)
            found.marked.append(to_row(arrival, one))
        else:
            found.strays.append(_stray(arrival, StrayReason.NETWORK))
    return found


def without_plain(surplus: Sequence[Arrival]) -> tuple[list[Arrival], Sorted]:
    """``surplus`` without the plain messages of who has to cipher, and those as strays. One query if there is any."""
    plain = {arrival.serial for arrival in surplus if arrival.seal is None}
    found = Sorted()
    if not plain:
        return list(surplus), found
    devices = DeviceKeys.objects.filter(ciphered_only=True, concentrator__serial_number__in=plain)
    ciphering = set(devices.values_list("concentrator__serial_number", flat=True))
    left = []
    for arrival in surplus:
        if arrival.seal is None and arrival.serial in ciphering:
            _refuse_plain(found, arrival)
        else:
            left.append(arrival)
    return left, found


def to_row(arrival: Arrival, known: Known) -> MessageRow:
    """The arrival as a row of its concentrator, on the reporting day of its time of receipt (REP-5)."""
    kind = kind_by(known.kinds, arrival.kind_key, arrival.kind) if known.kinds and arrival.kind_key else arrival.kind
    return MessageRow(
        known.concentrator_id,
        kind,
        arrival.received_at,
        arrival.clock.to_utc(known.clock_zone) if arrival.clock else None,
        arrival.source_ip,
        arrival.port,
        arrival.format,
        arrival.received_at.astimezone(known.zone).date(),
    )


def _policy(known: Mapping[str, Known]) -> FromElsewhere:
    if not any(one.networks for one in known.values()):
        return FromElsewhere.ACCEPTED
    return FromElsewhere(SystemSettings.current().from_elsewhere)


def _refuse_plain(found: Sorted, arrival: Arrival) -> None:
    """The answer to a login is the modem's, without which nothing comes behind it; all else gets none."""
    found.strays.append(_stray(arrival, StrayReason.PLAIN))
    if arrival.format != Format.SESSION:
        found.unanswered.append(arrival)


def _stray(arrival: Arrival, reason: StrayReason) -> Stray:
    return Stray(reason, arrival.serial, arrival.received_at, arrival.source_ip, arrival.raw, arrival.kind.word)
