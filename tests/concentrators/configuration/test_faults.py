"""What a device can do wrong, and what is then said of it (CFG-2, CFG-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from cryptography.fernet import Fernet

from concentrators.configuration.outcomes import failed
from concentrators.configuration.procedure import Found
from concentrators.keys.passwords import set_password
from concentrators.models import Failure
from concentrators.simulator.devices import Device
from smmeplus.dlms import data as d
from smmeplus.dlms.access.coding.requests import SET_REQUEST
from smmeplus.dlms.access.names import TYPE_UNMATCHED
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, wrap
from tests.concentrators.configuration.devices import (
    Fault,
    FaultyLine,
    configuration_of,
    device_of,
    installed,
    meet,
    obey,
    values_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

#: A DataNotification that says nothing.
PUSH = wrap(1, 1, bytes.fromhex("0F00000001000200"))
#: Requests: association, identity, six reads, then three pairs of a write and a read.
FIRST_WRITE = 4


def silent(_line: FaultyLine, _data: bytes) -> None:
    """Says nothing."""


def silent_amid_writing(line: FaultyLine, data: bytes) -> None:
    if line.requests <= FIRST_WRITE:
        obey(line, data)


def reset(line: FaultyLine, data: bytes) -> None:
    line.transport.abort() if line.requests == FIRST_WRITE else obey(line, data)


def closed_amid_reply(line: FaultyLine, data: bytes) -> None:
    line.transport.write(line.reply(data)[:-3])
    line.transport.close()


def truncated(line: FaultyLine, data: bytes) -> None:
    """A whole frame with less than a whole APDU in it."""
    reply = line.reply(data)
    line.transport.write(reply if line.requests < 4 else wrap(1, 1, reply[HEADER_SIZE:-1]))


def oversized(line: FaultyLine, data: bytes) -> None:
    """A reply of more bytes than the client has announced that it takes, and as many as it says."""
    reply = line.reply(data)
    if line.requests > 2:
        reply = reply[: HEADER_SIZE - 2] + (3_000).to_bytes(2, "big") + reply[HEADER_SIZE:] + bytes(3_000)
    line.transport.write(reply)


def another_service(line: FaultyLine, data: bytes) -> None:
    """The reply to a SET where that to a GET is due."""
    obey(line, data) if line.requests == 1 else line.transport.write(wrap(1, 1, bytes.fromhex("C501C100")))


def another_reply(line: FaultyLine, data: bytes) -> None:
    reply = bytearray(line.reply(data))
    if line.requests > 1:
        reply[HEADER_SIZE + 2] ^= 0x01  # the invoke id
    line.transport.write(bytes(reply))


def push_in_between(line: FaultyLine, data: bytes) -> None:
    line.transport.write(PUSH + line.reply(data))


def flood(line: FaultyLine, _data: bytes) -> None:
    line.transport.write(PUSH * 40_000)


def no_frame(line: FaultyLine, _data: bytes) -> None:
    line.transport.write(b"220 mail.example ESMTP\r\n")


def drop_by_drop(line: FaultyLine, data: bytes) -> None:
    """Something always comes, and never the reply."""
    line.transport.write(PUSH)
    line.drops += 1
    if line.drops < 60:
        asyncio.get_running_loop().call_later(0.02, drop_by_drop, line, data)


def forget(line: FaultyLine, data: bytes) -> None:
    obey(line, data)
    if data[HEADER_SIZE] == SET_REQUEST:
        device = line.device
        device.memory[device.places.destination].value = device_value(b"10.0.0.1:1")


def device_value(destination: bytes) -> d.Data:
    return d.STRUCTURE, [(d.ENUM, 0), (d.OCTET_STRING, destination), (d.ENUM, 0)]


def with_small_replies(line: FaultyLine, data: bytes) -> None:
    """A byte at a time."""
    for byte in line.reply(data):
        line.transport.write(bytes((byte,)))


class Case(NamedTuple):
    fault: Fault
    failure: Failure
    detail: str


@pytest.mark.parametrize(
    "case",
    [
        Case(silent, Failure.SILENT, ""),
        Case(silent_amid_writing, Failure.SILENT, ""),
        Case(reset, Failure.CLOSED, ""),
        Case(closed_amid_reply, Failure.CLOSED, "middle of a frame"),
        Case(truncated, Failure.CONFUSED, "cut short"),
        Case(oversized, Failure.CONFUSED, "announces 3000 bytes"),
        Case(another_service, Failure.CONFUSED, "a reply to another service"),
        Case(another_reply, Failure.CONFUSED, "another invoke id"),
        Case(flood, Failure.CONFUSED, "more than 64 messages"),
        Case(no_frame, Failure.CONFUSED, "version"),
        Case(drop_by_drop, Failure.SILENT, ""),
        Case(forget, Failure.NOT_KEPT, "10.132.20.228:58692 → 10.0.0.1:1"),
    ],
    ids=lambda case: case.fault.__name__,
)
def test_a_fault_has_a_name_and_a_next_try(case: Case) -> None:
    (one,) = installed()
    meet({one: device_of(one)}, case.fault)
    found = configuration_of(one)
    assert (found.state, found.failure, found.failures, found.tries) == ("failed", case.failure, 1, 1)
    assert case.detail in found.detail
    assert found.next_try_at is not None
    assert found.held_by == ""


@pytest.mark.parametrize("fault", [push_in_between, with_small_replies])
def test_what_is_no_fault_does_not_stop_the_writing(fault: Fault) -> None:
    (one,) = installed()
    meet({one: device_of(one)}, fault)
    assert (configuration_of(one).state, configuration_of(one).detail) == ("written", "")


def refuse_writing(device: Device) -> None:
    device.memory[device.places.period].can_write = False


def lack_the_period(device: Device) -> None:
    del device.memory[device.places.period]


def unmatched(device: Device) -> None:
    device.memory[device.places.period].refusal = TYPE_UNMATCHED


def unknown_result(device: Device) -> None:
    device.memory[device.places.period].refusal = 77


def not_a_number(device: Device) -> None:
    device.memory[device.places.period].value = (d.OCTET_STRING, b"100")


def ask_for_a_password(device: Device) -> None:
    device.password = b"secret"


def be_nobody(device: Device) -> None:
    for attribute in list(device.memory)[:2]:
        device.memory[attribute].value = (d.OCTET_STRING, b"\xff\xff")


@pytest.mark.parametrize(
    ("made", "failure", "detail"),
    [
        (refuse_writing, Failure.ACCESS, "read-write-denied (3)"),
        (lack_the_period, Failure.ACCESS, "object-undefined (4)"),
        (unmatched, Failure.ACCESS, "type-unmatched (12)"),
        (unknown_result, Failure.ACCESS, "unknown (77)"),
        (not_a_number, Failure.VALUE, "octet-string"),
        (ask_for_a_password, Failure.REFUSED, "authentication-mechanism-name-required (12)"),
        (be_nobody, Failure.NO_IDENTITY, "FFFF"),
    ],
)
def test_a_refusal_is_told_by_its_name(made: Callable[[Device], None], failure: Failure, detail: str) -> None:
    (one,) = installed()
    device = device_of(one)
    made(device)
    meet({one: device})
    found = configuration_of(one)
    assert (found.state, found.failure) == ("failed", failure)
    assert detail in found.detail


def test_a_wrong_password_is_refused_and_not_told(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    (one,) = installed()
    set_password(one, "wrong-1")
    device = device_of(one, password=b"secret")
    meet({one: device})
    found = configuration_of(one)
    assert (found.state, found.failure) == ("failed", Failure.REFUSED)
    assert "authentication-failure (13)" in found.detail
    assert "wrong-1" not in found.detail
    assert device.profile.period is None


@pytest.mark.parametrize(
    ("size", "detail"),
    [(0, ""), (65_535, ""), (64, ""), (12, "the device takes APDUs of at most 12 bytes, the request has 13")],
)
def test_the_pdu_size_of_the_device_is_obeyed(size: int, detail: str) -> None:
    def takes(line: FaultyLine, data: bytes) -> None:
        line.server._max_pdu = size
        assert len(data) - HEADER_SIZE <= (size or 65_535) or line.requests == 1
        obey(line, data)

    (one,) = installed()
    device = device_of(one)
    meet({one: device}, takes)
    found = configuration_of(one)
    assert (found.state, found.detail) == ("failed" if detail else "written", detail)
    assert device.profile.period == (None if detail else 600.0)


def test_how_far_it_got_is_kept_when_it_fails_in_the_middle() -> None:
    (one,) = installed()
    meet({one: device_of(one)}, silent_amid_writing)
    assert values_of(one)["period"] == ("10", "", "0")
    assert values_of(one)["destination"] == ("10.132.20.228:58692", "10.132.20.228:58692", "")


@pytest.mark.parametrize("octets", [b"\0" * 5, b"10.0.0.1\0", b"\xff\xfe", b"x" * 900, b"<b>:1"])
def test_whatever_stood_in_the_device_is_written_over(octets: bytes) -> None:
    (one,) = installed()
    device = device_of(one)
    device.memory[device.places.destination].value = device_value(octets)
    meet({one: device}, verify_after=timedelta(0))
    assert configuration_of(one).state == "written"
    device.memory[device.places.destination].value = device_value(octets)
    meet({one: device}, verify_after=timedelta(0))
    assert configuration_of(one).state == "drifted"


def test_what_an_error_says_can_be_stored_whatever_it_is() -> None:
    found = failed(FrameError("a\0b\r" + "c" * 500), Found())
    assert found.detail == "a�b�" + "c" * 196
