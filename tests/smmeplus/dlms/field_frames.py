"""Frames as devices in the field send them, read from ``tests/field-frames.txt`` (WIR-8 to WIR-11)."""

from typing import NamedTuple

from smmeplus.dlms.framing.wrapper import unwrap
from smmeplus.dlms.notification import confirmable, confirmation
from tests import ROOT


class FieldFrame(NamedTuple):
    """A line of the file: one or more frames, and the bytes that answer them."""

    name: str
    transport: str
    what: str
    frame: bytes
    answer: bytes


def _field_frame(line: str) -> FieldFrame:
    name, transport, what, frame, answer = (part.strip() for part in line.split("|"))
    data = bytes.fromhex(frame)
    return FieldFrame(name, transport, what, data, _confirmations(data) if not answer else _answer(answer))


def _answer(text: str) -> bytes:
    return b"" if text == "-" else bytes.fromhex(text)


def _confirmations(data: bytes) -> bytes:
    """The DataNotificationConfirm of each frame, from the first byte on with which a wrapper begins."""
    answers, rest = b"", data[data.index(b"\0\1") :]
    while rest:
        unwrapped = unwrap(rest)
        assert unwrapped is not None
        source, destination, apdu, length = unwrapped
        answers += confirmation(confirmable(apdu) or b"", source, destination)
        rest = rest[length:]
    return answers


_LINES = (ROOT / "tests" / "field-frames.txt").read_text(encoding="utf-8").splitlines()
FIELD_FRAMES = [_field_frame(line) for line in _LINES if line and not line.startswith("#")]
BY_NAME = {frame.name: frame for frame in FIELD_FRAMES}
