"""The test vectors in every piece, and what was never a frame (WIR-8): refused, quickly, in bounded memory."""

import random
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap
from tests.plugins.effort import examples
from tests.smmeplus.dlms.vectors import BAD, GOOD, SANTIAGO, VECTORS, Vector
from wakeup.formats import FORMATS, MAX_FRAME, read_frame
from wakeup.formats.notice import Notice
from wakeup.models import Format

MUTATIONS = examples(in_ci=20_000, at_the_desk=2_000)
MEGABYTE = 1_000_000
INVOKE_ENDS = 5  # bytes of a DataNotification: its tag and the invoke id
FORMAT_BY_PREFIX = {"DN-P": Format.PUSH, "DN-C": Format.CONCENTRATOR, "EN": Format.EVENT, "TXT": Format.TELEGRAM}

each_good_vector = pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)
WRAPPED = [vector for vector in GOOD if vector.frame.startswith(b"\0")]
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)


def assert_is(notice: Notice, vector: Vector) -> None:
    moment = notice.clock.to_utc(SANTIAGO) if notice.clock else None
    assert (notice.serial, notice.kind, moment, notice.answer) == (
        vector.serial,
        vector.kind,
        vector.moment,
        vector.answer,
    )


def read_or_refuse(buffer: bytes) -> tuple[Notice, int] | None:
    """What comes of ``buffer``; None for nothing. An error other than FrameError gets through, and fails the test."""
    try:
        read = read_frame(buffer)
    except FrameError:
        return None
    if read is not None:
        notice, length = read
        assert 0 < length <= min(len(buffer), MAX_FRAME)
        assert 1 <= len(notice.serial) <= 32
    return read


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def test_the_vectors_of_the_specification_are_all_there() -> None:
    assert len(GOOD) >= 10
    assert len(BAD) >= 1


@each_good_vector
def test_a_vector_is_read_as_what_it_says(vector: Vector) -> None:
    read = read_frame(vector.frame)
    assert read is not None
    notice, length = read
    assert_is(notice, vector)
    assert length == len(vector.frame)
    assert notice.format == next(value for start, value in FORMAT_BY_PREFIX.items() if vector.name.startswith(start))


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector.name)
def test_a_bad_vector_is_refused_without_an_answer(vector: Vector) -> None:
    with pytest.raises(FrameError) as refused:
        read_frame(vector.frame)
    assert refused.value.answer == vector.answer == b""


@each_good_vector
def test_a_vector_cut_at_any_byte_waits_for_the_rest(vector: Vector) -> None:
    for cut in range(len(vector.frame)):
        assert read_frame(vector.frame[:cut]) is None


@each_good_vector
def test_two_frames_in_one_buffer_are_read_one_after_the_other(vector: Vector) -> None:
    for other in GOOD:
        buffer = vector.frame + other.frame
        for expected in (vector, other):
            read = read_frame(buffer)
            assert read is not None
            assert_is(read[0], expected)
            buffer = buffer[read[1] :]
        assert buffer == b""


@each_good_vector
@pytest.mark.parametrize("trailing", [b"\x00", b"/", b"\xff" * 3000])
def test_bytes_behind_a_vector_are_left_alone(vector: Vector, trailing: bytes) -> None:
    read = read_frame(vector.frame + trailing)
    assert read is not None
    assert_is(read[0], vector)
    assert read[1] == len(vector.frame)


@each_vector
def test_mutations_of_a_vector_are_read_or_refused(vector: Vector) -> None:
    randomness = random.Random(vector.name)
    outcomes = {read_or_refuse(_mutated(vector.frame, randomness)) is None for _ in range(MUTATIONS)}
    assert True in outcomes


def _mutated(frame: bytes, randomness: random.Random) -> bytes:
    """``frame`` with one to four of its bytes changed, left out, doubled or followed by something else."""
    changed = bytearray(frame)
    for _ in range(1 + (randomness.random() < 0.5) * 3):
        at = int(randomness.random() * len(changed))
        what = int(randomness.random() * 6)
        if what < 3:
            changed[at] = int(randomness.random() * 256)
        elif what == 3:
            changed[at] = randomness.choice(b"\x00\x01\x02\x09\x7f\x80\x81\x82\x84\xff/!()\r\n")
        elif what == 4:
            del changed[at : at + 3]
        else:
            changed[at:at] = changed[at : at + 8]
    return bytes(changed)


@settings(derandomize=True, max_examples=examples(1000))
@given(
    st.binary(max_size=300)
    | st.binary(min_size=1, max_size=300).map(lambda apdu: wrap(1, 1, apdu))
    | st.binary(max_size=100).map(lambda rest: wrap(1, 1, b"\x0f\x40\x00\x00\x09\x00\x02" + rest))
    | st.binary(max_size=100).map(lambda rest: wrap(1, 1, b"\xc2" + rest))
    | st.text("/0123456789-:.()AW!\r\n", max_size=200).map(lambda text: b"/" + text.encode())
)
def test_any_bytes_are_read_or_refused(buffer: bytes) -> None:
    try:
        read = read_frame(buffer)
    except FrameError as refused:
        error = refused
    else:
        assert read is None or read[0].answer in (b"", b"\x06") or len(read[0].answer) in (9, 10, 14)
        return
    assert error.answer in (b"", b"\x15") or len(error.answer) == 14
    assert 0 <= error.length <= len(buffer)
    assert len(str(error)) <= 200  # what a stray frame's record has room for
    assert len(error.identity) <= 65


@pytest.mark.parametrize("first", [*FORMATS, 0x01, 0xFF])
def test_whatever_is_as_long_as_the_longest_frame_is_read_or_refused_but_not_waited_for(first: int) -> None:
    randomness = random.Random(first)
    for _ in range(200):
        buffer = bytes((first,)) + randomness.randbytes(MAX_FRAME - 1)
        if first == 0x00:
            buffer = buffer[:1] + b"\x01" + buffer[2:]
        with pytest.raises(FrameError):
            read_frame(buffer)


@pytest.mark.parametrize(
    "make",
    [
        lambda randomness: randomness.randbytes(MEGABYTE),
        lambda randomness: b"\x00\x01" + randomness.randbytes(MEGABYTE),
        lambda randomness: b"\x00\x01\x00\x01\x00\x01\x08\x01" + bytes(MEGABYTE),
        lambda randomness: b"\x00\x01\x00\x01\x00\x01\x08\x00" + b"\x0f" * MEGABYTE,
        lambda randomness: b"/" + b"x" * MEGABYTE,
        lambda randomness: b"/" + b"!" * MEGABYTE,
        lambda randomness: b"/\r\n\r\n" + b"0-0:96.1.0(" * (MEGABYTE // 11),
        lambda randomness: bytes(MEGABYTE),
        lambda randomness: b"\xff" * MEGABYTE,
    ],
)
def test_a_megabyte_of_junk_is_refused_without_a_copy_of_it(make: Callable[[random.Random], bytes]) -> None:
    junk = make(random.Random(1))
    with memory_below(50_000), pytest.raises(FrameError):
        read_frame(junk)


@pytest.mark.parametrize(
    "body",
    [
        "02",
        "0202",
        "0284ffffffff",
        "0182ffff" + "00" * 100,
        "02017fffff",
        "0984ffffffff41",
        "0484ffffffff41",
        "0482ffff41",
        "0201" * 9 + "00",
        "0201" * 1000,
        "01ff" * 900,
        "02820100" * 400,
        "018207e4" + "00" * 2020,
        "018202a2" + "010100" * 674,
    ],
)
@pytest.mark.parametrize("header", ["0f0000000100", "c20000010000600100ff02"])
def test_claimed_lengths_and_nesting_bombs_are_refused_in_bounded_memory(header: str, body: str) -> None:
    frame = wrap(1, 1, bytes.fromhex(header + body))
    with memory_below(500_000), pytest.raises(FrameError):
        read_frame(frame)


@pytest.mark.parametrize("vector", WRAPPED, ids=lambda vector: vector.name)
def test_an_apdu_cut_at_any_byte_is_refused_although_its_wrapper_is_whole(vector: Vector) -> None:
    unwrapped = unwrap(vector.frame)
    assert unwrapped is not None
    source, destination, apdu, _length = unwrapped
    for cut in range(1, len(apdu)):
        frame = wrap(source, destination, apdu[:cut])
        with memory_below(50_000), pytest.raises(FrameError) as refused:
            read_frame(frame)
        # A confirmed one is confirmed as soon as it says which it is: it would be sent again for ever.
        assert refused.value.answer == (vector.answer if cut >= INVOKE_ENDS else b"")
        assert refused.value.length == len(frame)
