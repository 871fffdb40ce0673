"""The formats of spontaneous messages, recognised by their first byte (WIR-1…5).

What reads a format is one module with one function ``read``, and one line in the table below. A new one touches some
other places as well: CONTRIBUTING.md has them in order.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from smmeplus.dlms import telegram as text
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing import wrapper
from smmeplus.dlms.framing.hdlc import FLAG
from wakeup.formats import hdlc, telegram, wrapped
from wakeup.formats.notice import Notice
from wakeup.formats.wrapped_fast import read_fast

Reader: TypeAlias = Callable[[bytes], tuple[Notice, int] | None]

#: No frame of any format is longer than this many bytes.
MAX_FRAME: Final = max(wrapper.MAX_FRAME, text.MAX_SIZE)

FORMATS: Final[Mapping[int, Reader]] = {
    0x00: wrapped.read,
    ord("/"): telegram.read,
    FLAG: hdlc.read,  # only to say what it is
}


def read_frame(buffer: bytes, start: int = 0) -> tuple[Notice, int] | None:
    """The frame at ``start`` of ``buffer`` and its length; None while it is incomplete.

    Raises FrameError if it is refused.
    """
    return read_fast(buffer, start) or _read_slowly(buffer[start : start + MAX_FRAME])


def _read_slowly(buffer: bytes) -> tuple[Notice, int] | None:
    if not buffer:
        return None
    reader = FORMATS.get(buffer[0])
    if reader is None:
        raise FrameError(f"no format begins with {buffer[0]:02X}; known are {_known()}")
    return reader(buffer)


def _known() -> str:
    return ", ".join(
        f"{first:02X} ({reader.__module__.rpartition('.')[2]})"
        for first, reader in FORMATS.items()
        if reader is not hdlc.read
    )
