"""What every format makes of a frame."""

from typing import NamedTuple

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind


class Notice(NamedTuple):
    """A spontaneous message, whatever its format was."""

    #: 1 to 32 ASCII letters and digits, in upper case.
    serial: str
    kind: Kind
    #: The device's clock; None if the frame had none that is usable.
    clock: Clock | None
    #: A value of :class:`wakeup.models.Format`.
    format: int
    #: What the sender gets once the message is committed; empty where the format has no answer.
    answer: bytes
