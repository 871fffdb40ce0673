from typing import NamedTuple, Self

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.errors import NoDeviceIdError
from smmeplus.dlms.kinds import Kind, KindKey
from wakeup.formats.seals import Seal
from wakeup.models import Format


class Notice(NamedTuple):
    """A spontaneous message, whatever its format was."""

    #: 1 to 32 ASCII letters, digits and inner hyphens, in upper case.
    serial: str
    kind: Kind
    #: The device's clock; None if the frame had none that is usable.
    clock: Clock | None
    format: Format
    #: What the sender gets once the message is committed; empty where the format has no answer.
    answer: bytes
    #: What says the kind, for types of concentrator with a table of their own; None if no such table applies.
    kind_key: KindKey | None = None


class SealedNotice(Notice):
    """A ciphered one. Its answer is made by its seal, because it needs a counter that is reserved with the message."""

    seal: Seal

    @classmethod
    def of(cls, serial: str, kind: Kind, clock: Clock | None, format: Format, key: KindKey | None, seal: Seal) -> Self:  # noqa: A002 - the notice's
        notice = cls(serial, kind, clock, format, b"", key)
        notice.seal = seal
        return notice


class NamelessError(NoDeviceIdError):
    """A message without a device id: refused, unless its connection has said which device it is of (WIR-10).

    ``notice`` is the message, with an empty serial number; ``answer`` is the one to a refused message.
    """

    def __init__(self, why: NoDeviceIdError, notice: Notice, length: int, answer: bytes) -> None:
        super().__init__(str(why), answer=answer, length=length, identity=why.identity)
        self.notice = notice
