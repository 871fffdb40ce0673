"""What a simulated concentrator sends and which answer it takes for success."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from concentrators.simulator.behaviour import Profile
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import MessageFormat, Service, compose, confirms
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import decode
from tests.concentrators.simulator.test_sending import LONG, SHORT, FakeListener, closed_port, serving
from tests.smmeplus.dlms.vectors import BY_NAME

SERIAL = "EPL1000400000042"
MOMENT = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)
INSTALLATION = Installation(SERIAL, Profile(period=600.0), "127.60.0.10")
CONFIRMATION_OF_9 = BY_NAME["DN-P-confirmed"].answer


def delivered(
    how: str, message_format: MessageFormat = MessageFormat.PUSH, number: int = 1, own_sources: bool = False
) -> tuple[bool, FakeListener]:
    """Whether one message got through to a listener that reacts as said, and that listener."""

    async def scene() -> tuple[bool, FakeListener]:
        listener = FakeListener([how])
        async with serving(listener) as port:
            timeout = SHORT if how == "silence" else LONG
            service = Service("127.0.0.1", port, message_format, own_sources=own_sources, timeout=timeout)
            return await service.deliver(INSTALLATION, Kind.BOOT, number), listener

    return asyncio.run(scene())


def test_a_push_is_the_confirmed_notification_that_the_field_knows() -> None:
    frame = compose(MessageFormat.PUSH, SERIAL, Kind.KEEPALIVE, 9, MOMENT.astimezone(ZoneInfo("Europe/Rome")))
    assert frame == BY_NAME["DN-P-confirmed"].frame


def test_a_telegram_tells_the_local_time_of_the_device() -> None:
    santiago = MOMENT.astimezone(ZoneInfo("America/Santiago"))
    assert b"0-0:1.0.0(260314041500S)" in compose(MessageFormat.TELEGRAM, SERIAL, Kind.BOOT, 9, santiago)


@pytest.mark.parametrize(
    ("answer", "success"),
    [
        (CONFIRMATION_OF_9, True),
        (CONFIRMATION_OF_9[:-1], False),
        (CONFIRMATION_OF_9 + b"\x00", False),
        (CONFIRMATION_OF_9.replace(b"\x09", b"\x0a"), False),
        (b"\x06", False),
        (b"", False),
    ],
)
def test_only_the_confirmation_of_the_same_invoke_id_confirms_a_push(answer: bytes, success: bool) -> None:
    assert confirms(MessageFormat.PUSH, answer, 9) is success


@pytest.mark.parametrize(("answer", "success"), [(b"\x06", True), (b"\x15", False), (b"", False)])
def test_only_ack_confirms_a_telegram(answer: bytes, success: bool) -> None:
    assert confirms(MessageFormat.TELEGRAM, answer, 9) is success


@pytest.mark.parametrize("message_format", MessageFormat)
def test_a_message_that_the_listener_answers_is_delivered(message_format: MessageFormat) -> None:
    success, listener = delivered("answer", message_format)
    assert success
    assert len(listener.received) == 1


@pytest.mark.parametrize("how", ["mistake", "silence", "close", "reset", "half"])
def test_a_push_without_its_confirmation_is_not_delivered(how: str) -> None:
    assert not delivered(how)[0]


@pytest.mark.parametrize("how", ["refuse", "silence", "close", "reset"])
def test_a_telegram_without_ack_is_not_delivered(how: str) -> None:
    assert not delivered(how, MessageFormat.TELEGRAM)[0]


def test_a_message_to_a_closed_port_is_not_delivered() -> None:
    with closed_port() as (_, port):
        assert not asyncio.run(Service("127.0.0.1", port).deliver(INSTALLATION, Kind.BOOT, 1))


def test_messages_are_numbered_by_their_invoke_id_in_24_bits() -> None:
    frames = [delivered("answer", number=number)[1].received[0].frame for number in (1, 2, 2**24 + 3)]
    assert [frame[10:13] for frame in frames] == [b"\0\0\1", b"\0\0\2", b"\0\0\3"]


def test_each_concentrator_sends_from_its_own_address_where_the_service_says_so() -> None:
    assert delivered("answer", own_sources=True)[1].sources == {"127.60.0.10"}
    assert delivered("answer", own_sources=False)[1].sources == {"127.0.0.1"}


def test_a_concentrator_tells_the_time_of_its_zone() -> None:
    async def scene() -> bytes:
        listener = FakeListener()
        async with serving(listener) as port:
            service = Service("127.0.0.1", port, MessageFormat.TELEGRAM, zone=ZoneInfo("Asia/Kathmandu"))
            await service.deliver(INSTALLATION, Kind.BOOT, 1)
        return listener.received[0].frame

    before = datetime.now(UTC).replace(microsecond=0)
    decoded = decode(asyncio.run(scene()))
    assert decoded is not None
    assert decoded[0].clock is not None
    told = decoded[0].clock.to_utc(ZoneInfo("Asia/Kathmandu"))
    assert told is not None
    assert before <= told <= datetime.now(UTC)
