"""Where the next frame may begin in bytes that are none: after an echo, a greeting, padding, half a header (WIR-9).

A plausible beginning is a wrapper of version 1 whose APDU has a possible length and begins with a known tag, or a whole
text telegram: fewer bytes would take noise for a frame, and wait for the rest of it.
"""

import re
from typing import Final

from smmeplus.dlms import telegram
from smmeplus.dlms.apdus import KNOWN
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, apdu_length

_CANDIDATE: Final = re.compile(rb"\x00\x01|\x00\Z|/")


def next_beginning(buffer: bytes, start: int, end_of_last: int) -> tuple[int, bool]:
    """Where the first plausible beginning from ``start`` on is; whether that is sure, or needs more bytes to tell.

    Without one, the end of ``buffer``, which is not sure. What ends at ``end_of_last`` or before is none: that is
    inside the frame before.
    """
    for candidate in _CANDIDATE.finditer(buffer, start):
        end = _end_of_plausible(buffer, candidate.start())
        if end is None or end > end_of_last:
            return candidate.start(), end is not None
    return len(buffer), False


def is_half_header(buffer: bytes) -> bool:
    """Whether the wrapper with an unknown APDU that ``buffer`` begins with is a cut one, with a whole one behind it.

    So one need not wait for what would be its end. It is no longer told of an APDU so short that it is there by then.
    """
    if len(buffer) <= HEADER_SIZE or buffer[HEADER_SIZE] in KNOWN or (apdu_length(buffer) or 0) <= HEADER_SIZE:
        return False
    return any(_end_of_wrapper(buffer, cut) for cut in range(1, HEADER_SIZE + 1))


def _end_of_plausible(buffer: bytes, start: int) -> int | None:
    """Where the frame that plausibly begins at ``start`` ends; 0 if it does not, None while that cannot be told."""
    return telegram.end_of(buffer, start) if buffer[start] == telegram.START else _end_of_wrapper(buffer, start)


def _end_of_wrapper(buffer: bytes, start: int) -> int | None:
    begun = buffer[start : start + HEADER_SIZE + 1]
    length = apdu_length(begun)
    if not length:
        return length
    if len(begun) <= HEADER_SIZE:
        return None
    return start + HEADER_SIZE + length if begun[HEADER_SIZE] in KNOWN else 0
