"""Concentrators that cipher, and what they send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from django.utils import timezone

from concentrators.keys.encryption import encrypted
from concentrators.models import Concentrator, DeviceKeys
from smmeplus.dlms.apdus import LOGIN
from smmeplus.dlms.ciphering.apdus import cipher
from smmeplus.dlms.ciphering.frames import Confirmation, ciphered_frame, read_ciphered_confirmation
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import confirmation, event_notification, push_notification
from smmeplus.dlms.sessions import session_apdu
from wakeup.listener.connections.pieces import Refusal, arrival_of
from wakeup.listener.connections.reader import Reader
from wakeup.listener.keys.cache import KeyCache, Wanted
from wakeup.listener.keys.looking_up import find_devices
from wakeup.recording.arrivals import Arrival

KEYS = Keys(b"unicast-key-of-1", b"authentication-1")
OTHER_KEYS = Keys(b"unicast-key-of-2", b"authentication-2")
TITLE = bytes.fromhex("45504C0000000001")
NOON = datetime(2020, 9, 23, 12, tzinfo=UTC)
_moments = count()


def give_keys(
    concentrator: Concentrator, keys: Keys = KEYS, title: bytes = TITLE, *, ciphered_only: bool = False
) -> DeviceKeys:
    """``keys`` for ``concentrator``, with counters that begin anew."""
    row, _ = DeviceKeys.objects.update_or_create(
        concentrator=concentrator,
        defaults={
            "system_title": title.hex().upper(),
            "encrypted_unicast_key": encrypted(keys.unicast),
            "encrypted_authentication_key": encrypted(keys.authentication),
            "ciphered_only": ciphered_only,
            "changed_at": timezone.now(),
            "accepted_counter": None,
            "accepted_digest": None,
            "accepted_at": None,
        },
    )
    return row


def login(serial: str) -> bytes:
    return wrap(1, 1, session_apdu(LOGIN, serial))


@dataclass
class Device:
    """What a ciphering concentrator sends, its counter rising from one message to the next."""

    serial: str
    keys: Keys = KEYS
    title: bytes = TITLE
    control: int = 0x30
    counter: int = 0
    answers: list[Confirmation] = field(default_factory=list)

    def push(self, kind: Kind = Kind.KEEPALIVE, *, says: str = "", confirmed: bool = True, named: bool = True) -> bytes:
        self.counter += 1
        plain = push_notification(says or self.serial, kind, invoke_id=self.counter & 0xFFFF, confirmed=confirmed)
        return ciphered_frame(plain, self.keys, self.title, self.counter, self.control, is_named=named)

    def event(self, kind: Kind = Kind.LASTGASP) -> bytes:
        self.counter += 1
        return ciphered_frame(event_notification(self.serial, kind), self.keys, self.title, self.counter, self.control)

    def apdu(self, text: bytes) -> bytes:
        self.counter += 1
        return wrap(1, 1, cipher(text, self.keys, self.title, self.counter, self.control))

    def ciphered(self, frame: bytes) -> bytes:
        self.counter += 1
        return ciphered_frame(frame, self.keys, self.title, self.counter, self.control)

    def plain_answer(self, frame: bytes) -> bytes:
        return confirmation(self.reads(frame).invoke_id.to_bytes(4, "big"), 1, 1)

    def reads(self, answer: bytes) -> Confirmation:
        read = read_ciphered_confirmation(answer, self.keys)
        self.answers.append(read)
        return read


def read(*frames: bytes, cache: KeyCache | None = None) -> list[Arrival | Refusal]:
    """What a listener makes of ``frames`` of one connection, each with a time of receipt of its own."""
    cache = cache or KeyCache()
    reader, pieces = Reader("10.60.0.10", awaits_header=False, keys=cache), list[Arrival | Refusal]()
    reader.feed(b"".join(frames))
    while (piece := reader.read_frame()) is not None:
        if isinstance(piece, Wanted):
            cache.keep(find_devices([piece]))
        elif isinstance(piece, Refusal):
            pieces.append(piece)
        else:
            at = NOON + timedelta(microseconds=next(_moments))
            pieces.append(arrival_of(*piece, at, "10.60.0.10", 58_692))
    return pieces


def arrivals(*frames: bytes, cache: KeyCache | None = None) -> list[Arrival]:
    found = read(*frames, cache=cache)
    assert all(isinstance(one, Arrival) for one in found), found
    return [one for one in found if isinstance(one, Arrival)]


def answer_of(arrival: Arrival) -> bytes:
    assert arrival.seal is not None
    return arrival.seal.answer()
