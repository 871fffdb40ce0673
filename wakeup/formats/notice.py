from typing import NamedTuple

from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind, KindKey
from wakeup.models import Format


class Notice(NamedTuple):
    """A spontaneous message, whatever its format was."""

    #: 1 to 32 ASCII letters and digits, in upper case.
    serial: str
    kind: Kind
    #: The device's clock; None if the frame had none that is usable.
    clock: Clock | None
    format: Format
    #: What the sender gets once the message is committed; empty where the format has no answer.
    answer: bytes
    #: What says the kind, for types of concentrator with a table of their own; None if no such table applies.
    kind_key: KindKey | None = None
