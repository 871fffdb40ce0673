"""High level security by GMAC, authentication mechanism 5 (Green Book 9.2.7.4): what each side proves by its keys.

``f(challenge)`` is ``control(1) = 10 | counter(4) | tag(12)``, the tag over control, authentication key and challenge
with the nonce of who sends it. The client answers the server's challenge, StoC, and the server the client's, CtoS.
"""

import hmac
from typing import Final

from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import AUTHENTICATED, COUNTER_SIZE, TAG_SIZE, protected

ANSWER_SIZE: Final = 1 + COUNTER_SIZE + TAG_SIZE


def answer_to(challenge: bytes, keys: Keys, title: bytes, counter: int) -> bytes:
    """``f(challenge)`` of whoever has the ``title`` (8 bytes); FrameError for a title or counter that does not fit."""
    tag = protected(challenge, keys, title, counter, AUTHENTICATED)[len(challenge) :]
    return bytes((AUTHENTICATED,)) + counter.to_bytes(COUNTER_SIZE, "big") + tag


def check_answer(answer: bytes, challenge: bytes, keys: Keys, title: bytes) -> int:
    """The counter of ``answer``, by the sender with the ``title``, if that proves the keys; CipheringError if not."""
    if len(answer) != ANSWER_SIZE:
        raise CipheringError(Reason.CUT_SHORT if len(answer) < ANSWER_SIZE else Reason.LEFT_OVER)
    counter = int.from_bytes(answer[1 : 1 + COUNTER_SIZE], "big")
    if not hmac.compare_digest(answer, answer_to(challenge, keys, title, counter)):
        raise CipheringError(Reason.WRONG_TAG)
    return counter
