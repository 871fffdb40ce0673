"""COSEM Data in A-XDR."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.data import Data, UnknownDataError, decode, decode_what_is_known, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU

KNOWN: list[tuple[Data, str]] = [
    ((d.NULL, None), "00"),
    ((d.ARRAY, []), "0100"),
    ((d.ARRAY, [(d.UNSIGNED, 1), (d.UNSIGNED, 2)]), "010211011102"),
    ((d.STRUCTURE, [(d.ENUM, 0), (d.OCTET_STRING, b"AB")]), "0202160009024142"),
    ((d.BOOLEAN, True), "0301"),
    ((d.BOOLEAN, False), "0300"),
    ((d.BIT_STRING, ""), "0400"),
    ((d.BIT_STRING, "10101"), "0405a8"),
    ((d.BIT_STRING, "000000011"), "04090180"),
    ((d.DOUBLE_LONG, -2), "05fffffffe"),
    ((d.DOUBLE_LONG_UNSIGNED, 1), "0600000001"),
    ((d.OCTET_STRING, b""), "0900"),
    ((d.VISIBLE_STRING, b"AB"), "0a024142"),
    ((d.UTF8_STRING, "é".encode()), "0c02c3a9"),
    ((d.BCD, 0x42), "0d42"),
    ((d.INTEGER, -1), "0fff"),
    ((d.LONG, -2), "10fffe"),
    ((d.UNSIGNED, 255), "11ff"),
    ((d.LONG_UNSIGNED, 58692), "12e544"),
    ((d.LONG64, -1), "14ffffffffffffffff"),
    ((d.LONG64_UNSIGNED, 1), "150000000000000001"),
    ((d.ENUM, 1), "1601"),
    ((d.FLOAT32, 1.5), "173fc00000"),
    ((d.FLOAT64, -2.0), "18c000000000000000"),
    ((d.DATE_TIME, bytes(range(12))), "19000102030405060708090a0b"),
    ((d.DATE, bytes(range(5))), "1a0001020304"),
    ((d.TIME, bytes(range(4))), "1b00010203"),
    ((d.DONT_CARE, None), "ff"),
    ((d.OCTET_STRING, b"x" * 127), "097f" + "78" * 127),
    ((d.OCTET_STRING, b"x" * 128), "098180" + "78" * 128),
    ((d.OCTET_STRING, b"x" * 255), "0981ff" + "78" * 255),
    ((d.OCTET_STRING, b"x" * 256), "09820100" + "78" * 256),
]
SCALARS = st.one_of(
    st.tuples(st.sampled_from([d.NULL, d.DONT_CARE]), st.none()),
    st.tuples(st.just(d.BOOLEAN), st.booleans()),
    st.tuples(st.just(d.BIT_STRING), st.text("01", max_size=20)),
    st.tuples(st.sampled_from(sorted(d.STRINGS)), st.binary(max_size=150)),
    st.tuples(st.just(d.DOUBLE_LONG), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(d.DOUBLE_LONG_UNSIGNED), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(d.LONG), st.integers(-(2**15), 2**15 - 1)),
    st.tuples(st.just(d.LONG_UNSIGNED), st.integers(0, 2**16 - 1)),
    st.tuples(st.just(d.INTEGER), st.integers(-128, 127)),
    st.tuples(st.sampled_from([d.UNSIGNED, d.ENUM, d.BCD]), st.integers(0, 255)),
    st.tuples(st.just(d.LONG64), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(d.LONG64_UNSIGNED), st.integers(0, 2**64 - 1)),
    st.tuples(st.just(d.FLOAT32), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just(d.FLOAT64), st.floats(allow_nan=False)),
    st.tuples(st.just(d.DATE_TIME), st.binary(min_size=12, max_size=12)),
)


def containers_of(elements: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
    return elements | st.tuples(st.sampled_from([d.ARRAY, d.STRUCTURE]), st.lists(elements, max_size=3))


def nested(levels: int) -> Data:
    data: Data = (d.NULL, None)
    for _ in range(levels):
        data = (d.STRUCTURE, [data])
    return data


@pytest.mark.parametrize(("data", "expected"), KNOWN)
def test_every_type_has_the_bytes_of_the_standard(data: Data, expected: str) -> None:
    assert encode(data).hex() == expected
    assert decode(bytes.fromhex(expected)) == (data, len(expected) // 2)


@pytest.mark.parametrize(("data", "frame"), KNOWN)
def test_every_type_is_refused_when_cut_anywhere(data: Data, frame: str) -> None:
    whole = bytes.fromhex(frame)
    for end in range(len(whole)):
        with pytest.raises(FrameError, match="cut short"):
            decode(whole[:end])


@settings(derandomize=True)
@given(containers_of(containers_of(containers_of(SCALARS))))
def test_what_is_encoded_decodes_to_the_same(data: Data) -> None:
    assert decode(encode(data))[0] == data


@settings(derandomize=True)
@given(st.binary(max_size=200) | st.lists(st.integers(0, 28), max_size=60).map(bytes))
def test_any_bytes_are_decoded_or_refused(buffer: bytes) -> None:
    try:
        data, end = decode(buffer)
    except FrameError:
        return
    assert 0 < end <= len(buffer)
    assert data[0] == buffer[0]


@pytest.mark.parametrize("frame", ["0282", "028200", "0184000000", "0482", "098200"])
def test_a_length_that_is_cut_is_refused(frame: str) -> None:
    with pytest.raises(FrameError, match="cut short"):
        decode(bytes.fromhex(frame))


def test_a_value_is_read_from_the_offset_to_its_end() -> None:
    assert decode(bytes.fromhex("ffff1105ffff"), 2) == ((d.UNSIGNED, 5), 4)


@pytest.mark.parametrize("offset", [1, 2, 50])
def test_an_offset_at_or_behind_the_end_is_refused(offset: int) -> None:
    with pytest.raises(FrameError, match="cut short"):
        decode(b"\x00", offset)


@pytest.mark.parametrize(
    ("frame", "data"),
    [
        ("0203 1105 1304", (d.STRUCTURE, [(d.UNSIGNED, 5)])),
        ("0203 1105 0202 1106 0e 1107", (d.STRUCTURE, [(d.UNSIGNED, 5), (d.STRUCTURE, [(d.UNSIGNED, 6)])])),
        ("0202 0101 13 1105", (d.STRUCTURE, [(d.ARRAY, [])])),
        ("0202 1105 0980", (d.STRUCTURE, [(d.UNSIGNED, 5)])),
    ],
)
def test_what_stands_before_unknown_data_can_be_read(frame: str, data: Data) -> None:
    found, behind = decode_what_is_known(bytes.fromhex(frame))
    assert (found, isinstance(behind, UnknownDataError)) == (data, True)


def test_what_is_nested_too_deeply_is_unknown_too() -> None:
    (_, elements), behind = decode_what_is_known(bytes.fromhex("0202 1105" + "0201" * d.MAX_DEPTH + "00"))
    assert (elements[0], str(behind)) == ((d.UNSIGNED, 5), "data are nested deeper than 8 levels")


def test_known_data_are_read_to_their_end() -> None:
    assert decode_what_is_known(bytes.fromhex("ff1105"), 1) == ((d.UNSIGNED, 5), None)
    data, behind = decode_what_is_known(bytes.fromhex("ff1105ffff"), 1)
    assert (data, str(behind)) == ((d.UNSIGNED, 5), "2 bytes are left over behind the data")


@pytest.mark.parametrize(("frame", "why"), [("0203 1105 11", "cut short"), ("13", "type 19"), ("", "cut short")])
def test_data_that_are_cut_or_unknown_from_the_first_byte_are_refused(frame: str, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        decode_what_is_known(bytes.fromhex(frame))


@pytest.mark.parametrize("length", ["8103", "820003", "83000003", "8400000003"])
def test_a_length_may_have_more_octets_than_it_needs(length: str) -> None:
    assert decode(bytes.fromhex("09" + length + "414243"))[0] == (d.OCTET_STRING, b"ABC")


@pytest.mark.parametrize("length", ["80", "850000000003", "ff"])
def test_a_length_of_no_octets_or_of_more_than_four_is_refused(length: str) -> None:
    with pytest.raises(FrameError, match="octets is not allowed"):
        decode(bytes.fromhex("09" + length + "414243"))


@pytest.mark.parametrize("tag", [7, 8, 11, 14, 19, 28, 33, 254])
def test_a_type_that_is_not_known_is_refused_by_its_number(tag: int) -> None:
    with pytest.raises(FrameError, match=f"type {tag} "):
        decode(bytes((tag,)) + bytes(20))
    with pytest.raises(FrameError, match=f"type {tag} "):
        encode((tag, 0))


def test_data_may_be_nested_to_the_limit_and_no_deeper() -> None:
    deepest = bytes.fromhex("0201" * d.MAX_DEPTH + "00")
    assert decode(deepest)[0] == nested(d.MAX_DEPTH)
    assert encode(nested(d.MAX_DEPTH)) == deepest
    with pytest.raises(FrameError, match="deeper"):
        decode(bytes.fromhex("0201") + deepest)
    with pytest.raises(FrameError, match="deeper"):
        encode(nested(d.MAX_DEPTH + 1))


def test_a_thousand_open_brackets_are_refused() -> None:
    with pytest.raises(FrameError, match="deeper"):
        decode(b"\x01\x01" * 1000)


def test_a_buffer_longer_than_an_apdu_is_refused() -> None:
    assert decode(bytes(MAX_APDU)) == ((d.NULL, None), 1)
    with pytest.raises(FrameError, match="at most 2048"):
        decode(bytes(MAX_APDU + 1))


def test_a_value_that_came_in_several_apdus_has_a_limit_of_its_own() -> None:
    buffer = b"\x09\x82\x0b\xb8" + bytes(3000)
    assert decode(buffer, limit=3004) == ((d.OCTET_STRING, bytes(3000)), 3004)
    with pytest.raises(FrameError, match="at most 3003"):
        decode(buffer, limit=3003)


@pytest.mark.parametrize("tag", [d.ARRAY, d.STRUCTURE, d.BIT_STRING, d.OCTET_STRING, d.VISIBLE_STRING, d.UTF8_STRING])
@pytest.mark.parametrize("length", ["7f", "81ff", "82ffff", "83ffffff", "84ffffffff"])
def test_a_claimed_length_allocates_nothing_before_its_bytes_are_there(tag: int, length: str) -> None:
    frame = bytes((tag,)) + bytes.fromhex(length) + bytes(10)
    tracemalloc.start()
    try:
        with pytest.raises(FrameError, match="cut short"):
            decode(frame)
        assert tracemalloc.get_traced_memory()[1] < 20_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ((d.UNSIGNED, 256), "does not fit"),
        ((d.UNSIGNED, -1), "does not fit"),
        ((d.LONG_UNSIGNED, 65536), "does not fit"),
        ((d.LONG_UNSIGNED, "1"), "does not fit"),
        ((d.FLOAT32, 1e300), "does not fit"),
        ((d.DATE_TIME, bytes(11)), "11 bytes where 12"),
        ((d.DATE_TIME, bytes(13)), "13 bytes where 12"),
        ((d.OCTET_STRING, bytes(2049)), "at most 2048"),
        ((d.OCTET_STRING, bytes(2048)), "at most 2048"),
        ((d.ARRAY, [(d.OCTET_STRING, bytes(1020))] * 2), "at most 2048"),
    ],
)
def test_a_value_that_does_not_fit_is_not_encoded(data: Data, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        encode(data)
