"""What a frame means: by the defaults, by the rules of a type, and which rules could say otherwise (WIR-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from concentrators.models import AnyUser, ConcentratorType, DeviceKeys
from concentrators.models.signs import sign_in_words
from smmeplus.dlms.ciphering.apdus import opened_apdu, parse
from smmeplus.dlms.ciphering.errors import CipheringError
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.ciphered import Opened
from smmeplus.dlms.kinds import Kind, keys_of, kind_by
from wakeup.formats import read_frame
from wakeup.formats.notice import NamelessError, Notice
from wakeup.formats.sealed import SealedError, unsealed
from wakeup.formats.seals import Seal
from wakeup.recording.sealed.devices import device_of

_READ: Final = "read with its keys"
#: A message may have thousands of bits that a rule can name.
MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message is to the concentrators of one type. ``sign`` is what the rule names that decides, if any does."""

    type: ConcentratorType
    kind: str
    sign: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The first frame of some bytes as the listener takes it: a message, the reason of a refusal, or neither.

    Neither means that the frame is not complete. Both is a message without a device id, which is taken behind a login.
    """

    notice: Notice | None = None
    #: What the keys of its sender have made of a ciphered one; None where nobody may use any.
    opened: Opened | None = None
    #: In bytes.
    length: int = 0
    refusal: str = ""

    @property
    def kind(self) -> str:
        """By the defaults."""
        return self.notice.kind.word if self.notice else ""

    @property
    def signs(self) -> Sequence[str]:
        """What a rule on this message can name, in words, the most specific one first."""
        return [sign_in_words(text) for text in self._texts[:MOST_SHOWN]]

    @property
    def more_signs(self) -> int:
        return max(0, len(self._texts) - MOST_SHOWN)

    def by(self, types: Iterable[ConcentratorType]) -> list[Meaning]:
        """By the rules of each of ``types``; empty if this is no message."""
        return [self._by(type_, self.notice) for type_ in types] if self.notice else []

    @property
    def _texts(self) -> Sequence[str]:
        key = self.notice.kind_key if self.notice else None
        return keys_of(key) if key else ()

    def _by(self, type_: ConcentratorType, notice: Notice) -> Meaning:
        table = {rule.sign: Kind(rule.kind) for rule in type_.kind_rules.all()}
        sign = next((text for text in self._texts if text in table), "")
        kind = kind_by(table, notice.kind_key, notice.kind) if notice.kind_key else notice.kind
        return Meaning(type_, kind.word, sign and sign_in_words(sign))


def read(data: bytes, user: AnyUser | None = None) -> Reading:
    """A ciphered one is read, by one query, with the keys of concentrators that ``user`` sees and of no others."""
    try:
        frame = read_frame(data)
    except NamelessError as error:
        return Reading(error.notice, length=error.length, refusal=str(error))
    except SealedError as error:
        return _unsealed(error, user)
    except FrameError as error:
        return Reading(length=error.length, refusal=str(error))
    return Reading(frame[0], length=frame[1]) if frame else Reading()


def _unsealed(sealed: SealedError, user: AnyUser | None) -> Reading:
    visible = DeviceKeys.objects.visible_to(user) if user else DeviceKeys.objects.none()
    rows = visible.select_related("concentrator").filter(system_title=sealed.identity)
    device = next(map(device_of, rows), None)
    if device is None:
        return Reading(length=sealed.length, refusal=str(sealed))
    try:
        notice, text = unsealed(sealed, device), opened_apdu(parse(sealed.apdu), device.keys)
    except CipheringError as error:
        return Reading(opened=Opened(b"", str(error)), length=sealed.length, refusal=str(error))
    seal = notice.seal
    if seal is not None and seal.fault is not None:
        return Reading(opened=Opened(text, _READ), length=sealed.length, refusal=seal.fault[1])
    return Reading(notice, opened=Opened(text, _verdict(seal)), length=sealed.length)


def _verdict(seal: Seal | None) -> str:
    if seal is not None and seal.is_old:
        return f"{_READ}, and not new: its counter is not above {seal.device.accepted_counter}"
    return _READ


def types_with_rules() -> list[ConcentratorType]:
    types = ConcentratorType.objects.filter(kind_rules__isnull=False).distinct()
    return list(types.prefetch_related("kind_rules"))
