"""Another implementation asks our device by these ciphered bytes, and no mutation of them slips through (SEC-3)."""

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import count, groupby

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.ciphered_server import CipheredServer
from smmeplus.dlms.access.coding import actions, ciphered
from smmeplus.dlms.access.conversation import Conversation
from smmeplus.dlms.access.protection import Protection, Received
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, wrap
from tests import ROOT
from tests.plugins.effort import examples
from tests.smmeplus.dlms.access.ciphered.parties import (
    FOUND,
    all_steps,
    client,
    device,
    recorded,
    security_of_client,
    security_of_device,
)
from tests.smmeplus.dlms.access.device import PERIOD
from tests.smmeplus.dlms.access.vectors import REQUEST, RESPONSE, Vector, read_vectors

MUTATIONS = examples(200, 10)
CONVERSATIONS = {
    name: list(lines)
    for name, lines in groupby(read_vectors(ROOT / "tests" / "ciphered-access.txt"), lambda vector: vector.name)
}


def frames(name: str, direction: str) -> list[bytes]:
    return [vector.frame for vector in CONVERSATIONS[name] if vector.direction == direction]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_device_answers_another_client_as_it_has_understood(name: str) -> None:
    one = device()
    requests = frames(name, REQUEST)
    assert len(requests) > 8
    assert [one.receive(request).hex() for request in requests] == [it.hex() for it in frames(name, RESPONSE)]


def test_what_was_recorded_cannot_be_said_to_the_same_device_again() -> None:
    one = device()
    for request in frames("gurux-gmac", REQUEST):
        one.receive(request)
    aare = ciphered.decode_ciphered_aare(one.receive(frames("gurux-gmac", REQUEST)[0])[HEADER_SIZE:])
    assert aare.verdict.result == 1
    answers = {one.receive(request)[HEADER_SIZE] for request in frames("gurux-gmac", REQUEST)[1:-1]}
    assert answers == {0xD8}


def is_taken(act: Callable[[], object]) -> bool:
    try:
        act()
    except FrameError:
        return False
    return True


def mutated(apdu: bytes, randomness: random.Random) -> bytes:
    """``apdu`` with a byte changed, cut off or put in; never itself."""
    at = randomness.randrange(len(apdu))
    kind = randomness.randrange(3)
    if kind == 0:
        return apdu[:at] + bytes((apdu[at] ^ 1 << randomness.randrange(8),)) + apdu[at + 1 :]
    if kind == 1:
        return apdu[: max(at, 1)]
    return apdu[:at] + randomness.randbytes(randomness.randint(1, 4)) + apdu[at:]


@pytest.mark.parametrize("vector", CONVERSATIONS["gurux-gmac"], ids=lambda vector: vector.meaning)
def test_mutations_of_what_is_ciphered_give_the_librarys_error_only(vector: Vector) -> None:
    randomness = random.Random(vector.frame)
    apdu = vector.frame[HEADER_SIZE:]
    of_device = replace(security_of_device(), peer=b"GURUX001")
    security = security_of_client() if vector.direction == RESPONSE else of_device
    for _ in range(MUTATIONS):
        changed = mutated(apdu, randomness)
        one = Protection(replace(security, received=Received()))
        if is_taken(lambda one=one, changed=changed: one.opened(changed)):  # type: ignore[misc]
            # Only a length in more octets than it needs leaves all that is authenticated as it was.
            assert changed[-12:] == apdu[-12:]
        for read in (ciphered.decode_ciphered_aarq, ciphered.decode_ciphered_aare, actions.decode_proof):
            is_taken(lambda read=read, changed=changed: read(changed))  # type: ignore[misc]
        answer = CipheredServer({}, security=security_of_device()).answer(changed)
        assert answer[:1] in (b"\xd8", b"\x61", b"\x63")


def test_every_change_of_every_byte_of_every_answer_ends_the_conversation_or_changes_nothing() -> None:
    """Cut short at each byte, and each byte changed."""
    found, _requests, replies = recorded(all_steps(client()), device())
    assert found == FOUND
    lengths = [len(reply) - HEADER_SIZE for reply in replies]
    for number in range(3 if MUTATIONS < 100 else len(replies)):
        for at in range(lengths[number]):
            for change in (_cut(at), _flipped(at)):
                assert _with_change(replies, number, change) in (None, FOUND), (number, at)


def _cut(at: int) -> Callable[[bytes], bytes]:
    return lambda apdu: apdu[: max(at, 1)]


def _flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda apdu: apdu[:at] + bytes((apdu[at] ^ 0x55,)) + apdu[at + 1 :]


def _with_change(replies: list[bytes], number: int, change: Callable[[bytes], bytes]) -> object:
    """What is found if reply ``number`` is changed; None for the library's error."""
    conversation = Conversation(all_steps(client()))
    conversation.start()
    for place, reply in enumerate(replies):
        apdu = reply[HEADER_SIZE:]
        try:
            conversation.receive(wrap(1, 1, change(apdu) if place == number else apdu))
        except FrameError:
            return None
    return conversation.result


def test_a_message_that_the_device_sends_amid_the_conversation_is_set_aside() -> None:
    pushes = [bytes.fromhex(apdu) for apdu in ("0f4000000100", "c2000001", "db08" + "41" * 8 + "00")]
    one = device()
    conversation = Conversation(all_steps(client(security_of_client(counters=count(1)))))
    to_send = conversation.start()
    while not conversation.is_over:
        between = b"".join(wrap(1, 1, push) for push in pushes) if len(conversation.between) < 60 else b""
        to_send = conversation.receive(between + one.receive(to_send))
    assert conversation.result == FOUND
    assert conversation.between[:3] == [wrap(1, 1, push) for push in pushes]


def test_what_is_written_is_what_the_device_holds() -> None:
    one = device()
    recorded(all_steps(client()), one)
    assert one._items[PERIOD].value == (d.LONG_UNSIGNED, 10)
