"""Which ciphered messages are new, which are repeated and which are replays: by their counters (SEC-3).

The counter is compared and raised in the transaction that stores the message, so of two that come at once one wins. The
first one may bring any counter::

    41 accepted    41, the same bytes    answered again, not stored: the answer was lost
                   41, other bytes       stray: replay
                   40                    stray: replay
                   42                    stored, and 42 accepted

The counter of an answer is reserved in the same transaction, and so never used twice, however a listener ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from concentrators.models import LAST_COUNTER, DeviceKeys
from smmeplus.dlms.ciphering.errors import Reason
from wakeup.formats.seals import KeyedDevice, Seal
from wakeup.models.strays import OF_KEYED_SENDERS, Stray, StrayReason
from wakeup.recording.arrivals import Arrival
from wakeup.recording.sealed.devices import keys_of
from wakeup.recording.standby import raise_if_unbacked

_RAISE = """
    UPDATE concentrators_devicekeys SET accepted_counter = %s, accepted_digest = %s, accepted_at = %s, own_counter = %s
    WHERE concentrator_id = %s
"""
_RAISED = ("accepted_counter", "accepted_digest", "accepted_at", "own_counter", "concentrator_id")


@dataclass(slots=True)
class Judged:
    """``good`` messages are to be stored, plain ones among them; those that are repeated are in none of the lists."""

    good: list[Arrival] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    surplus: list[Arrival] = field(default_factory=list)


def judge(arrivals: Sequence[Arrival], surplus: Sequence[Arrival]) -> Judged:
    """Sort by their seals what came, and raise the counters, within the caller's transaction.

    Of ``surplus`` the counters are raised as well, or it could be sent again later; but what is not new of it gets no
    answer, so that nobody uses our counters up by sending it over and over.
    """
    rows = _rows(arrival.seal for arrival in (*arrivals, *surplus) if arrival.seal is not None)
    judged = Judged()
    for arrival in arrivals:
        if arrival.seal is None:
            judged.good.append(arrival)
        elif (stray := _stray_of(arrival, arrival.seal, rows.get(arrival.seal.device.title))) is not None:
            judged.strays.append(stray)
        elif _accept(arrival.seal, rows[arrival.seal.device.title], arrival.received_at):
            judged.good.append(arrival)
    for arrival in surplus:
        judged.surplus.append(arrival)
        if arrival.seal is not None:
            _judge_surplus(arrival.seal, rows.get(arrival.seal.device.title), arrival.received_at)
    _write(row for row in rows.values() if row.is_raised)
    return judged


class _Row:
    """The keys of a device as they are in the database, locked until the transaction ends."""

    def __init__(self, row: DeviceKeys) -> None:
        self.keys = row
        self.is_raised = False

    def fits(self, device: KeyedDevice) -> bool:
        """Whether ``device`` still has these keys; notes it if it was read before they changed."""
        row = self.keys
        if row.changed_at == device.changed_at and row.concentrator.serial_number == device.serial:
            return True
        device.is_outdated = True
        return row.concentrator.serial_number == device.serial and keys_of(row) == device.keys

    def reserve(self, seal: Seal) -> None:
        """A counter of ours for the answer, if one is asked for and there is one left."""
        if seal.confirmation and self.keys.own_counter <= LAST_COUNTER:
            seal.own_counter = self.keys.own_counter
            self.keys.own_counter += 1
            self.is_raised = True


def _rows(seals: Iterable[Seal]) -> dict[str, _Row]:
    titles = set()
    for seal in seals:
        seal.own_counter = None  # of a try before
        titles.add(seal.device.title)
    if not titles:
        return {}
    rows = DeviceKeys.objects.select_related("concentrator").filter(system_title__in=titles).order_by("pk")
    return {row.system_title: _Row(row) for row in rows.select_for_update(no_key=True, of=("self",))}


def _stray_of(arrival: Arrival, seal: Seal, row: _Row | None) -> Stray | None:
    """Why a message with this ``seal`` is not stored; None if it is new or repeated."""
    title = seal.device.title
    if row is None:
        seal.device.is_outdated = True
        return _stray(arrival, StrayReason.CIPHERED, title, f"system title {title}, no key for it here")
    if not row.fits(seal.device):
        return _stray(arrival, StrayReason.TAG, arrival.serial, Reason.WRONG_TAG.value)
    if seal.fault is not None:
        row.reserve(seal)
        reason, detail = seal.fault
        return _stray(arrival, reason, arrival.serial if reason in OF_KEYED_SENDERS else title, detail)
    before = row.keys.accepted_counter
    if before is None or seal.counter > before or _is_repeated(seal, row):
        return None
    row.reserve(seal)
    detail = f"system title {title}, counter {seal.counter}, which is not above {before}"
    return _stray(arrival, StrayReason.REPLAY, arrival.serial, detail)


def _accept(seal: Seal, row: _Row, at: datetime) -> bool:
    """Raise the counter for a message that is no stray, and reserve one for its answer; whether it is new."""
    row.reserve(seal)
    if _is_repeated(seal, row):
        return False
    keys = row.keys
    keys.accepted_counter, keys.accepted_digest, keys.accepted_at = seal.counter, seal.digest, at
    row.is_raised = True
    seal.accept(seal.own_counter)
    return True


def _judge_surplus(seal: Seal, row: _Row | None, at: datetime) -> None:
    if row is None or seal.fault is not None or not row.fits(seal.device):
        return
    before = row.keys.accepted_counter
    if before is None or seal.counter > before:
        _accept(seal, row, at)


def _is_repeated(seal: Seal, row: _Row) -> bool:
    keys = row.keys
    return seal.counter == keys.accepted_counter and seal.digest == bytes(keys.accepted_digest or b"")


def _stray(arrival: Arrival, reason: StrayReason, sender: str, detail: str) -> Stray:
    return Stray(reason, sender, arrival.received_at, arrival.source_ip, arrival.raw, detail)


def _write(rows: Iterable[_Row]) -> None:
    fields = {field.attname: field for field in DeviceKeys._meta.fields}
    values = [[fields[name].get_db_prep_save(getattr(row.keys, name), connection) for name in _RAISED] for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_RAISE, values)


def answer_committed(arrivals: Sequence[Arrival]) -> None:
    """Reserve counters anew for the answers to ``arrivals``, whose transaction was committed although it broke.

    Whatever that has reserved may not have come back to us. Raises Django's database errors.
    """
    seals = [arrival.seal for arrival in arrivals if arrival.seal is not None and arrival.seal.fault is None]
    if not seals:
        return
    with transaction.atomic():
        rows = _rows(seals)
        for seal in seals:
            row = rows.get(seal.device.title)
            if row is not None and row.fits(seal.device):
                row.reserve(seal)
        _write(row for row in rows.values() if row.is_raised)
    if connection.vendor == "postgresql":
        raise_if_unbacked(connection.connection)
