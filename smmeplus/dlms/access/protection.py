"""How the APDUs of a ciphered association are protected, and what proves the other side (CFG-2, SEC-3).

Both sides cipher each APDU by its service: ``C0`` goes as ``C8``, and so on. All are authenticated and encrypted
(control 30). Exception-responses alone stay as they are: who cannot decipher cannot cipher what they say about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from smmeplus.dlms.access.coding.actions import ACTION_REQUEST, ACTION_RESPONSE
from smmeplus.dlms.access.coding.initiate import REQUEST, RESPONSE
from smmeplus.dlms.access.coding.refusals import CONFIRMED_SERVICE_ERROR
from smmeplus.dlms.access.coding.requests import GET_REQUEST, SET_REQUEST
from smmeplus.dlms.access.coding.responses import GET_RESPONSE, SET_RESPONSE
from smmeplus.dlms.access.errors import NotProvenError, PlainAnswerError, UsedUpError
from smmeplus.dlms.ciphering.apdus import cipher, opened_apdu, parse
from smmeplus.dlms.ciphering.challenges import answer_to, check_answer
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import AUTHENTICATED_AND_ENCRYPTED
from smmeplus.dlms.errors import FrameError

#: By how many bytes an APDU grows: tag, a length of up to three, control, counter, authentication tag.
OVERHEAD: Final = 1 + 3 + 1 + 4 + 12
#: How the APDUs of a service begin when they are ciphered.
CIPHERED: Final[Mapping[int, int]] = {
    REQUEST: 0x21,
    RESPONSE: 0x28,
    CONFIRMED_SERVICE_ERROR: 0x2E,
    GET_REQUEST: 0xC8,
    SET_REQUEST: 0xC9,
    ACTION_REQUEST: 0xCB,
    GET_RESPONSE: 0xCC,
    SET_RESPONSE: 0xCD,
    ACTION_RESPONSE: 0xCF,
}


class Received:
    """The highest counter that has come from each system title."""

    def __init__(self) -> None:
        self._counters: dict[bytes, int] = {}

    def rise(self, title: bytes, counter: int) -> None:
        """NotProvenError unless ``counter`` is higher than all before."""
        if counter < (due := self.due(title)):
            raise NotProvenError(f"invocation counter {counter} has come already, {due} is the next: it is repeated")
        self._counters[title] = counter

    def due(self, title: bytes) -> int:
        """The lowest that is taken."""
        return self._counters.get(title, -1) + 1


@dataclass(frozen=True)
class Security:
    """One side's keys, its own system ``title`` and that of its ``peer``, 8 bytes each, and ``counters`` to use.

    None of these may be used anywhere else under the same keys and title: a nonce that comes twice gives away what it
    protects. What the peer has used is in ``received``; a device keeps that from one association to the next.
    """

    keys: Keys = field(repr=False)
    title: bytes
    peer: bytes
    counters: Iterator[int] = field(repr=False, compare=False)
    received: Received = field(default_factory=Received, repr=False, compare=False)


class Protection:
    """One side of an association."""

    def __init__(self, security: Security) -> None:
        self._security = security

    def protected(self, apdu: bytes) -> bytes:
        """``apdu`` ciphered with the next counter; UsedUpError if there is none."""
        one = self._security
        return cipher(apdu, one.keys, one.title, self._next_counter(), tag=CIPHERED[apdu[0]])

    def opened(self, apdu: bytes) -> bytes:
        """What the other side has ciphered.

        CipheringError if it is not as its keys would have it, PlainAnswerError if it is not encrypted, NotProvenError
        if its counter has not risen.
        """
        if apdu[:1] not in _CIPHERED_TAGS:
            raise PlainAnswerError(f"an APDU that begins with {apdu[:1].hex().upper()} is not ciphered as it has to be")
        ciphered = parse(apdu)
        if ciphered.control != AUTHENTICATED_AND_ENCRYPTED:
            raise PlainAnswerError("an APDU is authenticated and not encrypted")
        one = self._security
        text = opened_apdu(ciphered, one.keys, one.peer)
        one.received.rise(one.peer, ciphered.counter)
        if not text or CIPHERED.get(text[0]) != ciphered.tag:
            raise FrameError(f"an APDU that begins with {ciphered.tag:02X} holds another one: {text[:1].hex().upper()}")
        return text

    def proof(self, challenge: bytes) -> bytes:
        """What proves our keys to whoever has sent ``challenge``."""
        one = self._security
        return answer_to(challenge, one.keys, one.title, self._next_counter())

    def check_proof(self, proof: bytes, challenge: bytes, before: int) -> None:
        """NotProvenError unless ``proof`` is the peer's answer to our ``challenge``, with a counter from ``before`` on.

        Its counter may be that of the APDU that it comes in: devices are known that use one for both.
        """
        one = self._security
        try:
            counter = check_answer(proof, challenge, one.keys, one.peer)
        except FrameError as error:
            raise NotProvenError(f"what is to prove its keys does not: {error}") from None
        if counter < before:
            raise NotProvenError(f"what is to prove its keys is repeated: invocation counter {counter}")
        if counter >= one.received.due(one.peer):
            one.received.rise(one.peer, counter)

    @property
    def due(self) -> int:
        """The lowest counter that is taken from the peer."""
        return self._security.received.due(self._security.peer)

    def _next_counter(self) -> int:
        try:
            return next(self._security.counters)
        except StopIteration:
            raise UsedUpError("no invocation counter is left for this conversation") from None


_CIPHERED_TAGS: Final = frozenset(bytes((tag,)) for tag in CIPHERED.values())
