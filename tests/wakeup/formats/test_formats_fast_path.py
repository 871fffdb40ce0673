"""What takes the fast path is read as on the slow one, and what only resembles it takes the slow one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.plugins.effort import examples
from tests.smmeplus.dlms.vectors import VECTORS, Vector
from wakeup.formats import read_frame
from wakeup.formats.notice import Notice
from wakeup.formats.wrapped import read
from wakeup.formats.wrapped_fast import read_fast

FRAME = push_notification("smm0000000042", Kind.BOOT, invoke_id=0xABCDEF, ports=(0x1234, 0x5678))
MUTATIONS = examples(in_ci=20_000, at_the_desk=2_000)
BEFORE = FRAME[:-1]  # nearly the same: where it looks is not by chance
NAME = bytes.fromhex("0906 0001190900ff")


def on_slow_path(buffer: bytes) -> tuple[Notice, int] | None:
    try:
        return read(buffer)
    except FrameError:
        return None


def assert_the_same(buffer: bytes) -> bool:
    """Whether ``buffer`` took the fast path, and then rightly."""
    found = read_fast(buffer, 0)
    assert found in (None, on_slow_path(buffer)), buffer.hex(" ")
    assert read_fast(BEFORE + buffer, len(BEFORE)) == found
    return found is not None


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("serial", ["7", "smm0000000042", "Z" * 32])
@pytest.mark.parametrize("kind", [Kind.KEEPALIVE, Kind.BOOT])
def test_keepalive_and_boot_take_the_fast_path(kind: Kind, serial: str, confirmed: bool) -> None:
    frame = push_notification(serial, kind, invoke_id=0xABCDEF, confirmed=confirmed, ports=(0x1234, 0x5678))
    assert assert_the_same(frame)
    assert assert_the_same(frame + frame)
    assert read_frame(frame) == read(frame)


@pytest.mark.parametrize("tag", ["09", "0a", "0c"])
def test_whatever_kind_of_string_the_serial_number_is(tag: str) -> None:
    assert assert_the_same(bytes.fromhex(f"0001000100010014 0f40000001000202 {tag}023432") + NAME)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_is_the_same_on_both_paths(vector: Vector) -> None:
    assert_the_same(vector.frame)


@pytest.mark.parametrize(("size", "is_one"), [(0, False), (1, True), (32, True), (33, False)])
def test_a_serial_number_has_1_to_32_characters(size: int, is_one: bool) -> None:
    apdu = b"\x0f\x40\x00\x00\x01\x00\x02\x02\x09%c%b%b" % (size, b"7" * size, NAME)
    assert assert_the_same(b"\x00\x01\x00\x01\x00\x01\x00%c%b" % (len(apdu), apdu)) == is_one


def test_a_frame_that_is_not_whole_does_not_take_the_fast_path() -> None:
    for cut in range(len(FRAME)):
        assert read_fast(FRAME[:cut], 0) is None


def test_every_other_byte_at_every_place() -> None:
    fast = 0
    for place in range(len(FRAME)):
        for value in range(256):
            fast += assert_the_same(FRAME[:place] + bytes((value,)) + FRAME[place + 1 :])
    free = 2 * 2 + 4 + 3  # bytes that may be anything: the wPorts, the invoke id and the name's A, B and E
    assert fast > free * 256


def test_mutations() -> None:
    chance = random.Random(20260906)
    for _ in range(MUTATIONS):
        frame = bytearray(FRAME)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(frame))
            match chance.randrange(3):
                case 0:
                    frame[place] = chance.randrange(256)
                case 1:
                    frame.insert(place, chance.choice(FRAME))
                case _:
                    del frame[place]
        frame[7] = (len(frame) - 8) % 256 if chance.randrange(2) else frame[7]  # the wrapper's length is right, or not
        assert_the_same(bytes(frame))


@given(
    serial=st.binary(max_size=40),
    claimed=st.integers(-1, 1),
    name=st.sampled_from([NAME, b"\x09\x06\x00\x04\x19\x09\x00\xff", b"\x06\x00\x00\x00\x01", b"\x09\x03abc", b""]),
    count=st.sampled_from([1, 2, 2, 3]),
    behind=st.binary(max_size=3),
)
def test_bodies_that_resemble_it(serial: bytes, claimed: int, name: bytes, count: int, behind: bytes) -> None:
    size = max(0, len(serial) + claimed)
    apdu = b"\x0f\x40\x00\x00\x01\x00\x02%c\x09%c%b%b%b" % (count, size, serial, name, behind)
    assert_the_same(b"\x00\x01\x00\x01\x00\x01" + len(apdu).to_bytes(2, "big") + apdu)
