"""Simulated concentrators with keys cipher what they send, and take no confirmation that is not (SEC-3, SIM-2)."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest

from concentrators.simulator.behaviour import Profile
from concentrators.simulator.ciphering.pushes import BEGIN, Ciphering, rising
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import MessageFormat, Service
from smmeplus.dlms.ciphering.apdus import cipher, decipher, parse
from smmeplus.dlms.ciphering.errors import CipheringError
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, unwrap, wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.messages import read_apdu

KEYS = Keys(b"unicast key 0001", b"authentication k")
OTHERS = Keys(b"unicast key 0002", b"authentication k")
TITLE, OURS = b"EPL00042", b"SMM00001"
SERIAL = "EPL1000400000042"


def ciphering(at: float = BEGIN + 100) -> Ciphering:
    return Ciphering(KEYS, TITLE, now=lambda: at)


def test_counters_rise_with_each_message_and_with_the_time_over_restarts() -> None:
    assert list(islice(rising(lambda: BEGIN + 2), 3)) == [16, 17, 18]
    times = iter([BEGIN, BEGIN, BEGIN + 10, BEGIN + 3])
    assert list(islice(rising(lambda: next(times)), 4)) == [0, 1, 80, 81]
    assert next(rising(lambda: 0.0)) == 0  # a clock that was never set


@pytest.mark.parametrize("year", [2027, 2042])
def test_there_is_room_for_years(year: int) -> None:
    counter = next(rising(lambda: BEGIN + (year - 2026) * 365.25 * 86_400))
    assert 0 < counter < 2**32


def test_a_push_is_ciphered_whole() -> None:
    one, frame = ciphering(), wrap(1, 103, b"\x0f" + bytes(40))
    source, destination, apdu, end = unwrap(one.push(frame)) or pytest.fail("no frame")
    assert (source, destination, end) == (1, 103, HEADER_SIZE + len(apdu))
    assert (apdu[0], parse(apdu).title, parse(apdu).counter) == (0xDB, TITLE, 800)
    assert decipher(apdu, KEYS) == b"\x0f" + bytes(40)
    assert parse(one.push(frame)[HEADER_SIZE:]).counter == 801


def confirmation(text: bytes = b"\x10\x00\x00\x00\x09\x00", keys: Keys = KEYS, counter: int = 1) -> bytes:
    return wrap(103, 1, cipher(text, keys, OURS, counter))


def test_a_confirmation_is_taken_once() -> None:
    one = ciphering()
    assert one.opened(confirmation()) == wrap(103, 1, b"\x10\x00\x00\x00\x09\x00")
    with pytest.raises(FrameError, match="has come already"):
        one.opened(confirmation())
    assert one.opened(confirmation(counter=2))


@pytest.mark.parametrize(
    "answer",
    [
        confirmation(keys=OTHERS),
        confirmation()[:-1],
        confirmation() + b"\0",
        wrap(103, 1, b"\x10\x00\x00\x00\x09\x00"),
        b"\x06",
        b"",
    ],
)
def test_what_is_not_ciphered_by_its_keys_is_no_confirmation(answer: bytes) -> None:
    with pytest.raises(FrameError):
        ciphering().opened(answer)


class Listener(asyncio.Protocol):
    """Reads what is ciphered, and answers with ``keys``; without any in clear."""

    def __init__(self, keys: Keys | None, received: list[bytes]) -> None:
        self._keys = keys
        self._received = received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        text = decipher(data[HEADER_SIZE:], KEYS)
        self._received.append(text)
        said = b"\x10" + text[1:5] + b"\x00"
        answer = cipher(said, self._keys, OURS, len(self._received)) if self._keys else said
        self._transport.write(wrap(103, 1, answer))  # type: ignore[attr-defined]


async def delivered(keys: Keys | None, message_format: MessageFormat = MessageFormat.PUSH) -> tuple[bool, list[bytes]]:
    received: list[bytes] = []
    server = await asyncio.get_running_loop().create_server(lambda: Listener(keys, received), "127.0.0.1", 0)
    service = Service("127.0.0.1", server.sockets[0].getsockname()[1], message_format, timeout=5)
    installation = Installation(SERIAL, Profile(600.0), "127.0.0.1", ciphering=ciphering())
    reached = await service.deliver(installation, Kind.BOOT, 7)
    server.close()
    return reached, received


@pytest.mark.parametrize("message_format", MessageFormat)
def test_it_is_delivered_when_the_confirmation_is_ciphered_too(message_format: MessageFormat) -> None:
    reached, (text,) = asyncio.run(delivered(KEYS, message_format))
    assert reached
    assert read_apdu(text).serial == SERIAL


@pytest.mark.parametrize("keys", [None, OTHERS])
def test_a_confirmation_in_clear_or_by_other_keys_does_not_count(keys: Keys | None) -> None:
    assert asyncio.run(delivered(keys))[0] is False


def test_a_last_gasp_is_ciphered_too() -> None:
    async def scene() -> bytes:
        loop = asyncio.get_running_loop()
        came: asyncio.Future[bytes] = loop.create_future()

        class Gasps(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                came.set_result(data)

        transport, _ = await loop.create_datagram_endpoint(Gasps, local_addr=("127.0.0.1", 0))
        to = transport.get_extra_info("sockname")
        profile = Profile(600.0, last_gasp=True, last_gasp_to=to)
        installation = Installation(SERIAL, profile, "127.0.0.1", ciphering=ciphering())
        assert await Service("127.0.0.1", 9).deliver(installation, Kind.LASTGASP, 1)
        async with asyncio.timeout(5):
            frame = await came
        transport.close()
        return frame

    frame = asyncio.run(scene())
    assert read_apdu(decipher(frame[HEADER_SIZE:], KEYS)).serial == SERIAL
    with pytest.raises(CipheringError):
        decipher(frame[HEADER_SIZE:], OTHERS)
