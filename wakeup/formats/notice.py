from typing import NamedTuple, TypeAlias

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
    #: What the sender gets once the message is committed; empty where the format has no answer, or its seal makes it.
    answer: bytes
    #: What says the kind, for types of concentrator with a table of their own; None if no such table applies.
    kind_key: KindKey | None = None
    #: Of a ciphered message. It makes the answer, which needs a counter that is reserved with the message.
    seal: Seal | None = None


#: The same without its names: that of the most frequent frame, of which many come at once.
Said: TypeAlias = tuple[str, Kind, Clock | None, Format, bytes, KindKey | None, Seal | None]


class NamelessError(NoDeviceIdError):
    """A message without a device id: refused, unless its connection has said which device it is of (WIR-10).

    ``notice`` is the message, with an empty serial number; ``answer`` is the one to a refused message.
    """

    def __init__(self, why: NoDeviceIdError, notice: Notice, length: int, answer: bytes) -> None:
        super().__init__(str(why), answer=answer, length=length, identity=why.identity)
        self.notice = notice
