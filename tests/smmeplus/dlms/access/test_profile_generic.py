"""The bytes of a log, and of a request for a part of it (STA-11)."""

from __future__ import annotations

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.client import Bounds, Client
from smmeplus.dlms.access.coding.initiate import WITH_SELECTIVE_ACCESS
from smmeplus.dlms.access.coding.requests import GetRequest, Selection, decode_request, encode_get
from smmeplus.dlms.access.errors import AccessError, ExceptionResponseError
from smmeplus.dlms.access.profile_generic import (
    BUFFER,
    CLOCK,
    MOST_COLUMNS,
    PROFILE_CLASS,
    Column,
    Range,
    decode_columns,
    decode_range,
    encode_columns,
    encode_range,
    entries_in,
)
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.access.device import associated, talk

LOG = Attribute(PROFILE_CLASS, logical_name("1-0:99.97.0.255"), BUFFER)
DURATION = Attribute(1, logical_name("0-0:96.7.19.255"), 2)
#: 3 April 2027, 23:30, to 5 April 2027 by UTC, as gurux_dlms 1.0.203 asks for it (readRowsByRange).
BEGIN = bytes.fromhex("07eb0403ff171e0000000000")
END = bytes.fromhex("07eb0405ff00000000000000")
ASKED = (
    "c001c100070100636100ff02"
    "0101" + "0204" + "0204" + "120008" + "09060000010000ff" + "0f02" + "120000"
    "090c07eb0403ff171e0000000000" + "090c07eb0405ff00000000000000" + "0100"
)
BUFFER_VALUE: d.Data = (d.ARRAY, [(d.UNSIGNED, 1), (d.UNSIGNED, 2)])


def test_a_range_is_asked_for_by_the_bytes_of_another_library() -> None:
    wanted = Range(Column(CLOCK), BEGIN, END)
    request = encode_get(1, LOG, encode_range(wanted))
    assert request.hex() == ASKED
    read = decode_request(request)
    assert isinstance(read, GetRequest)
    assert read.selection is not None
    assert decode_range(read.selection) == wanted


@pytest.mark.parametrize(
    "selection",
    [
        Selection(2, encode_range(Range(Column(CLOCK), BEGIN, END)).parameters),
        Selection(1, (d.NULL, None)),
        Selection(1, (d.STRUCTURE, [(d.NULL, None)] * 4)),
        Selection(1, (d.STRUCTURE, encode_range(Range(Column(CLOCK), BEGIN, END)).parameters[1][:3])),
        Selection(1, (d.STRUCTURE, [(d.NULL, None), (d.UNSIGNED, 1), (d.UNSIGNED, 9), (d.ARRAY, [])])),
        Selection(1, (d.STRUCTURE, [(d.NULL, None), *[(d.OCTET_STRING, BEGIN)] * 2, (d.ARRAY, [])])),
    ],
)
def test_what_is_no_range_of_all_columns_is_refused(selection: Selection) -> None:
    with pytest.raises(FrameError):
        decode_range(selection)


@pytest.mark.parametrize("columns", [[], [Column(CLOCK)], [Column(CLOCK), Column(DURATION, 3)]])
def test_capture_objects_are_read_as_they_are_written(columns: list[Column]) -> None:
    assert decode_columns(encode_columns(columns)) == columns


def test_capture_objects_have_the_bytes_of_the_standard() -> None:
    value = encode_columns([Column(CLOCK), Column(DURATION)])
    each = ("020412000809060000010000ff0f02120000", "020412000109060000600713ff0f02120000")
    assert d.encode(value).hex() == "0102" + "".join(each)


def spoilt(part: int, value: d.Data) -> d.Data:
    """Capture objects of which one part is ``value``."""
    (_, parts) = encode_columns([Column(CLOCK)])[1][0]
    return d.ARRAY, [(d.STRUCTURE, [*parts[:part], value, *parts[part + 1 :]])]


@pytest.mark.parametrize(
    "value",
    [
        (d.NULL, None),
        (d.STRUCTURE, []),
        (d.ARRAY, [(d.NULL, None)]),
        (d.ARRAY, [(d.STRUCTURE, [(d.UNSIGNED, 1)] * 3)]),
        spoilt(0, (d.OCTET_STRING, b"8")),
        spoilt(1, (d.OCTET_STRING, bytes(5))),
        spoilt(1, (d.UNSIGNED, 6)),
        spoilt(2, (d.FLOAT32, 2.0)),
        spoilt(3, (d.NULL, None)),
        encode_columns([Column(CLOCK)] * (MOST_COLUMNS + 1)),
    ],
)
def test_what_are_no_capture_objects_is_refused(value: d.Data) -> None:
    with pytest.raises(FrameError):
        decode_columns(value)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_entries_are_bounded_in_number(number: int) -> None:
    entries: list[d.Data] = [(d.NULL, None)] * number
    assert entries_in((d.ARRAY, entries), 3) == entries


@pytest.mark.parametrize("value", [(d.NULL, None), (d.STRUCTURE, []), (d.ARRAY, [(d.NULL, None)] * 4)])
def test_what_is_no_list_of_entries_is_refused(value: d.Data) -> None:
    with pytest.raises(FrameError):
        entries_in(value, 3)


def device(**options: object) -> Server:
    return Server({LOG: Item(BUFFER_VALUE)}, **options)  # type: ignore[arg-type]


def test_a_device_that_has_not_agreed_to_selective_access_refuses_it_and_goes_on() -> None:
    part = encode_range(Range(Column(CLOCK), BEGIN, END))
    client, one = Client(proposes=WITH_SELECTIVE_ACCESS), device()
    with pytest.raises(ExceptionResponseError):
        talk(associated(client, client.read(LOG, part)), one.receive)
    assert talk(client.read(LOG), one.receive) == BUFFER_VALUE


def test_what_is_no_log_has_no_parts() -> None:
    part = encode_range(Range(Column(CLOCK), BEGIN, END))
    client = Client(proposes=WITH_SELECTIVE_ACCESS)
    one = device(services=WITH_SELECTIVE_ACCESS)
    with pytest.raises(AccessError, match=r"scope-of-access-violated \(13\)"):
        talk(associated(client, client.read(LOG, part)), one.receive)


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [(Bounds(500, 200), "more than 500 bytes"), (Bounds(5_000, 3), "more than 3 blocks"), (Bounds(5_000, 200), "")],
)
def test_a_value_in_blocks_keeps_to_the_bounds_of_its_attribute(bounds: Bounds, reason: str) -> None:
    long: d.Data = (d.OCTET_STRING, bytes(1_000))
    one = Server({LOG: Item(long)})
    client = Client(max_pdu=100)
    steps = associated(client, client.read(LOG, bounds=bounds))
    if reason:
        with pytest.raises(FrameError, match=reason):
            talk(steps, one.receive)
    else:
        assert talk(steps, one.receive) == long
