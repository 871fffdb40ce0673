"""Both sides of a ciphered association, with counters and challenges that are the same each time (SEC-3)."""

from collections.abc import Callable, Iterable
from itertools import count

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.ciphered_client import CipheredClient
from smmeplus.dlms.access.ciphered_server import CipheredServer
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.conversation import Conversation, Steps, T
from smmeplus.dlms.access.errors import AccessError
from smmeplus.dlms.access.protection import Security
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, MAX_APDU, wrap
from tests.smmeplus.dlms.access.device import LONG, PERIOD, SECRET, UNDEFINED, items

KEYS = Keys(bytes(range(16)), bytes(range(0xD0, 0xE0)))
OTHER_KEYS = Keys(bytes(16), bytes(range(0xD0, 0xE0)))
OTHER_AUTHENTICATION = Keys(bytes(range(16)), bytes(16))
OURS = b"SMM00001"
DEVICES = b"EPL00042"
CHALLENGE = bytes(range(0x20, 0x30))
DEVICES_CHALLENGE = bytes(range(0x40, 0x50))

AARE, PROOF, READ = range(3)  # the replies of a conversation that reads

Change = Callable[[bytes], bytes]


def security_of_client(keys: Keys = KEYS, title: bytes = OURS, counters: Iterable[int] | None = None) -> Security:
    return Security(keys, title, DEVICES, iter(count(1) if counters is None else counters))


def security_of_device(keys: Keys = KEYS, title: bytes = DEVICES, first: int = 1_000) -> Security:
    return Security(keys, title, b"", count(first))


def client(security: Security | None = None, max_pdu: int = MAX_APDU) -> CipheredClient:
    return CipheredClient(security or security_of_client(), challenge=CHALLENGE, max_pdu=max_pdu)


def device(security: Security | None = None, **options: int) -> CipheredServer:
    one = security or security_of_device()
    return CipheredServer(items(), security=one, ciphered_only=True, challenge=DEVICES_CHALLENGE, **options)


def changed(server: CipheredServer, number: int, change: Change) -> Callable[[bytes], bytes]:
    """What ``server`` answers, but that reply ``number``, from 0 on, is an APDU as ``change`` makes it."""
    numbers = count()

    def answer(frame: bytes) -> bytes:
        reply = server.receive(frame)
        return wrap(1, 1, change(reply[HEADER_SIZE:])) if next(numbers) == number else reply

    return answer


def recorded(steps: Steps[T], server: CipheredServer) -> tuple[T, list[bytes], list[bytes]]:
    """The result of ``steps``, the requests and the replies, all as frames."""
    conversation, requests, replies = Conversation(steps), list[bytes](), list[bytes]()
    to_send = conversation.start()
    while not conversation.is_over:
        requests.append(to_send)
        replies.append(server.receive(to_send))
        to_send = conversation.receive(replies[-1])
    return conversation.result, requests, replies


def all_steps(one: Client) -> Steps[list[object]]:
    """Everything that a client does."""
    yield from one.associate()
    before = yield from one.read(PERIOD)
    yield from one.write_and_check(PERIOD, (d.LONG_UNSIGNED, 10))
    many = yield from one.read_many([PERIOD, LONG, UNDEFINED])
    with pytest.raises(AccessError, match="read-write-denied"):
        yield from one.read(SECRET)
    yield from one.release()
    return [before, *many[:2], str(many[2])]


def reading(one: Client) -> Steps[d.Data]:
    yield from one.associate()
    return (yield from one.read(PERIOD))


FOUND = [
    (d.LONG_UNSIGNED, 100),
    (d.LONG_UNSIGNED, 10),
    (d.OCTET_STRING, bytes(range(100))),
    "class 1, 0-0:96.1.9.255, attribute 2: object-undefined (4)",
]
