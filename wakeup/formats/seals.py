"""What proves a ciphered message, and answers it (SEC-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from struct import Struct
from typing import Final

from django.conf import settings

from smmeplus.dlms.apdus import GLOBAL
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import protected
from wakeup.models.strays import StrayReason

#: Of an answer: version | wPorts | length of the APDU | tag | length and title | length | control | counter
_ANSWER: Final = Struct(">HHHHBB8sBBI")
_BEFORE: Final = 16  # bytes of its APDU before what is sealed
_CONTROL_AND_COUNTER: Final = 5


@dataclass(slots=True, eq=False)
class KeyedDevice:
    """A concentrator with keys, as it was in the database when they were read."""

    serial: str
    title: str  # 16 hexadecimal digits, in upper case
    keys: Keys
    changed_at: datetime  # the keys
    #: The last one that is known to be accepted. What is not above it has been sent before.
    accepted_counter: int = -1
    read_at: float = 0.0  # by the clock of whoever keeps it
    #: Whether the database is known to say something else by now: then it is to be read again.
    is_outdated: bool = False


@dataclass(slots=True, eq=False)
class Seal:
    """What proves a ciphered message, and how to answer it.

    ``digest`` (SHA-256) tells its repetition from a replay. ``confirmation`` is the APDU that confirms it, empty if it
    asks for none; ``source`` and ``destination`` are its wPorts. ``fault`` is why its content makes it a stray.
    """

    device: KeyedDevice
    control: int
    counter: int
    digest: bytes
    confirmation: bytes
    source: int
    destination: int
    fault: tuple[StrayReason, str] | None = None
    #: Ours, for the answer; recording reserves it. None: there is no answer.
    own_counter: int | None = field(default=None, init=False)

    @property
    def is_old(self) -> bool:
        """Whether it is known, without looking into the database, that the message is not new."""
        return self.counter <= self.device.accepted_counter

    def accept(self, own_counter: int | None) -> None:
        """It is stored, or is going to be, and is answered with ``own_counter``."""
        self.own_counter = own_counter
        self.device.accepted_counter = max(self.device.accepted_counter, self.counter)

    def answer(self) -> bytes:
        """The wrapped confirmation, protected as the message was; empty without one, or without a counter for it."""
        if self.own_counter is None:
            return b""
        title: bytes = settings.SYSTEM_TITLE
        sealed = protected(self.confirmation, self.device.keys, title, self.own_counter, self.control)
        # Put together here, because what ciphers any APDU takes twice as long.
        head = _ANSWER.pack(
            1, self.destination, self.source, _BEFORE + len(sealed), GLOBAL, len(title), title,
            _CONTROL_AND_COUNTER + len(sealed), self.control, self.own_counter,
        )  # fmt: skip
        return head + sealed
