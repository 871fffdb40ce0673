"""What can be said of a ciphered APDU: in clear who ciphered it and how, and with its keys what is in it (SEC-3)."""

from typing import NamedTuple

from smmeplus.dlms.ciphering.apdus import head_of
from smmeplus.dlms.explaining.notes import Notes
from smmeplus.dlms.explaining.wording import control_in_words, hex_in_words


class Opened(NamedTuple):
    """What the keys of its sender make of a ciphered APDU: its text, empty if they do not fit, and that in words."""

    text: bytes
    verdict: str


def show_protection(notes: Notes, apdu: bytes) -> None:
    """Who has ciphered ``apdu`` and how; FrameError if that is not all there."""
    title, control, counter = head_of(apdu)
    notes.say(1, "system title", hex_in_words(title) if title else "none")
    notes.say(1, "security control", control_in_words(control))
    notes.say(1, "invocation counter", str(counter))
    notes.take(len(notes.rest))
