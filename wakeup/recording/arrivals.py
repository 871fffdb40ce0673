"""Messages on their way into the database, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple, Self

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind, KindKey
from wakeup.formats.seals import Seal
from wakeup.models.messages import Format
from wakeup.models.strays import Stray, StrayReason

_KIND_AND_FORMAT = attrgetter("kind", "format")


@dataclass(slots=True)
class Arrival:
    """A message as it came in, before its concentrator is looked up.

    ``received_at`` is the server's clock (aware), ``port`` that of the listener, ``raw`` the frame's bytes. ``kind`` is
    what ``kind_key`` means by default: types of concentrator may have a table of their own (WIR-4). ``is_proven``: the
    sender has shown a certificate for this serial number, so it may send from anywhere (SEC-4).
    """

    serial: str
    kind: Kind
    format: Format
    received_at: datetime
    source_ip: str
    port: int
    clock: Clock | None = None
    raw: bytes = b""
    kind_key: KindKey | None = None
    #: Of a ciphered message; its serial number is that of the seal's device.
    seal: Seal | None = None
    is_proven: bool = False

    @property
    def received_us(self) -> int:
        """``received_at`` in microseconds since 1970."""
        return round(1e6 * self.received_at.timestamp())


class MessageRow(NamedTuple):
    """A message of a known concentrator, ready to be stored and counted. Times are aware."""

    concentrator_id: int
    kind: Kind
    received_at: datetime
    device_time: datetime | None
    source_ip: str
    port: int
    format: int
    day: date  # the reporting day of received_at, cut in the zone in force (REP-5)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: messages by kind and format, stray frames by reason, how many were above a rate.

    ``unanswered`` are plain messages of who has to cipher: their senders get no answer (SEC-3).
    """

    messages: Counter[tuple[Kind, int]] = field(default_factory=Counter)
    strays: Counter[StrayReason] = field(default_factory=Counter)
    surplus: int = 0
    elsewhere: int = 0  # of the messages
    unanswered: tuple[Arrival, ...] = ()

    @classmethod
    def of(
        cls,
        messages: Iterable[Arrival | MessageRow],
        strays: Iterable[Stray] = (),
        surplus: int = 0,
        elsewhere: int = 0,
        unanswered: Iterable[Arrival] = (),
    ) -> Self:
        counted: Counter[StrayReason] = Counter()
        for stray in strays:
            counted[stray.reason] += stray.count
        return cls(Counter(map(_KIND_AND_FORMAT, messages)), counted, surplus, elsewhere, tuple(unanswered))
