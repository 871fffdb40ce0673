"""The values of a configuration in the types of the device (CFG-2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, decode_attribute, encode_attribute, logical_name
from smmeplus.dlms.access.errors import ValueRefusedError
from smmeplus.dlms.access.values import (
    LOGICAL_DEVICE_NAME,
    SERIAL,
    TCP,
    UDP,
    Content,
    PushDestination,
    decode_destination,
    encode_destination,
    push_destination,
    retry_delay,
    serial_in_value,
    value_like,
)
from smmeplus.dlms.data import Data, decode, encode
from smmeplus.dlms.errors import FrameError, NoDeviceIdError

RANGES = {
    d.INTEGER: (-(2**7), 2**7 - 1),
    d.LONG: (-(2**15), 2**15 - 1),
    d.DOUBLE_LONG: (-(2**31), 2**31 - 1),
    d.LONG64: (-(2**63), 2**63 - 1),
    d.UNSIGNED: (0, 2**8 - 1),
    d.LONG_UNSIGNED: (0, 2**16 - 1),
    d.DOUBLE_LONG_UNSIGNED: (0, 2**32 - 1),
    d.LONG64_UNSIGNED: (0, 2**64 - 1),
    d.ENUM: (0, 2**8 - 1),
}


@pytest.mark.parametrize("tag", RANGES)
def test_a_number_takes_the_devices_type_and_is_never_cut(tag: int) -> None:
    least, most = RANGES[tag]
    for number in (least, 0, 10, most):
        assert value_like((tag, 1), number) == (tag, number)
    for number in (least - 1, most + 1):
        with pytest.raises(ValueRefusedError, match=f"{number} does not fit into the device's type"):
            value_like((tag, 1), number)


def test_a_period_that_the_device_cannot_hold_is_named() -> None:
    with pytest.raises(ValueRefusedError, match="300 does not fit into the device's type, unsigned"):
        value_like((d.UNSIGNED, 10), 300)


@pytest.mark.parametrize("tag", sorted(d.STRINGS))
def test_octets_take_the_devices_type(tag: int) -> None:
    assert value_like((tag, b"old"), b"10.0.0.1:1\xff") == (tag, b"10.0.0.1:1\xff")


@pytest.mark.parametrize(
    ("read", "wanted", "reason"),
    [
        ((d.NULL, None), 1, "type null-data, where 1 is to be written"),
        ((d.BOOLEAN, True), 1, "type boolean"),
        ((d.FLOAT32, 1.0), 1, "type float32"),
        ((d.OCTET_STRING, b"\0\x0a"), 10, "type octet-string, where 10"),
        ((d.STRUCTURE, []), 10, "type structure"),
        ((d.UNSIGNED, 1), b"x", "unsigned, where octets are to be written"),
        ((d.UNSIGNED, 1), (1, 100, 1), "unsigned, where 3 elements are to be written"),
        ((d.STRUCTURE, [(d.UNSIGNED, 1)] * 2), (1, 100, 1), "structure of 2 elements, where 3 elements"),
        ((d.STRUCTURE, [(d.UNSIGNED, 1), (d.UNSIGNED, 1)]), (1, 256), "256 does not fit"),
    ],
)
def test_what_the_device_has_no_place_for_is_not_written(read: Data, wanted: Content, reason: str) -> None:
    with pytest.raises(ValueRefusedError, match=reason):
        value_like(read, wanted)


def test_the_version_of_the_push_setup_decides_the_form_of_the_delay() -> None:
    assert [retry_delay(60, version) for version in (0, 1, 2, 3)] == [60, 60, (60, 100, 60), (60, 100, 60)]
    assert encode(value_like((d.LONG_UNSIGNED, 5), retry_delay(60, 1))).hex() == "12003c"
    read = decode(bytes.fromhex("0203120005120064120005"))[0]
    assert encode(value_like(read, retry_delay(60, 2))).hex() == "020312003c12006412003c"


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (
            push_destination(TCP, "10.132.20.228", 58692),
            "0203" + "1600" + "0913" + b"10.132.20.228:58692".hex() + "1600",
        ),
        (push_destination(UDP, "10.0.0.9", 1), "0203" + "1601" + "090a" + b"10.0.0.9:1".hex() + "1600"),
        (push_destination(UDP, "", 58692), "0203" + "1601" + "0900" + "1600"),
    ],
)
def test_a_destination_is_a_structure_of_three(destination: PushDestination, expected: str) -> None:
    assert encode(encode_destination(destination)).hex() == expected
    assert decode_destination(decode(bytes.fromhex(expected))[0]) == destination


@given(st.integers(0, 255), st.binary(max_size=100), st.integers(0, 255), st.sampled_from(sorted(d.STRINGS)))
def test_destinations_are_octets_in_whatever_string(transport: int, octets: bytes, message: int, tag: int) -> None:
    read = (d.STRUCTURE, [(d.UNSIGNED, 0), (tag, b""), (d.ENUM, 0)])
    written = value_like(read, PushDestination(transport, octets, message))
    assert [part for part, _ in written[1]] == [d.UNSIGNED, tag, d.ENUM]
    assert decode_destination(written) == (transport, octets, message)
    assert decode_destination(written) != (transport, octets + b"\0", message)


@pytest.mark.parametrize(
    "value",
    [
        (d.NULL, None),
        (d.OCTET_STRING, b"abc"),
        (d.ARRAY, [(d.ENUM, 0), (d.OCTET_STRING, b""), (d.ENUM, 0)]),
        (d.STRUCTURE, [(d.ENUM, 0), (d.OCTET_STRING, b"")]),
        (d.STRUCTURE, [(d.ENUM, 0), (d.ENUM, 0), (d.ENUM, 0)]),
        (d.STRUCTURE, [(d.OCTET_STRING, b""), (d.OCTET_STRING, b""), (d.ENUM, 0)]),
        (d.STRUCTURE, [(d.ENUM, 0), (d.OCTET_STRING, b""), (d.STRUCTURE, [])]),
    ],
)
def test_anything_else_is_no_destination(value: Data) -> None:
    with pytest.raises(FrameError, match="a push destination"):
        decode_destination(value)


@pytest.mark.parametrize("tag", sorted(d.STRINGS))
def test_a_device_says_who_it_is_in_any_string(tag: int) -> None:
    assert serial_in_value((tag, b"epl1000400000042\0\0")) == "EPL1000400000042"


def test_what_is_no_serial_number_is_said() -> None:
    with pytest.raises(NoDeviceIdError, match="A_1 is not"):
        serial_in_value((d.OCTET_STRING, b"A_1"))
    with pytest.raises(FrameError, match="a serial number is a string, not structure of 0 elements"):
        serial_in_value((d.STRUCTURE, []))


@pytest.mark.parametrize(
    ("attribute", "text", "descriptor"),
    [
        (SERIAL, "class 1, 0-0:96.1.0.255, attribute 2", "00010000600100ff02"),
        (LOGICAL_DEVICE_NAME, "class 1, 0-0:42.0.0.255, attribute 2", "000100002a0000ff02"),
        (
            Attribute(40, logical_name("0-4:25.9.0.255"), 3),
            "class 40, 0-4:25.9.0.255, attribute 3",
            "00280004190900ff03",
        ),
    ],
)
def test_an_attribute_has_nine_bytes_and_a_name(attribute: Attribute, text: str, descriptor: str) -> None:
    assert (str(attribute), encode_attribute(attribute).hex()) == (text, descriptor)
    assert decode_attribute(bytes.fromhex(descriptor)) == attribute


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(0x10000, bytes(6), 2),
        Attribute(-1, bytes(6), 2),
        Attribute(1, bytes(5), 2),
        Attribute(1, bytes(7), 2),
        Attribute(1, bytes(6), 256),
    ],
)
def test_an_attribute_that_has_no_place_on_the_wire_is_refused(attribute: Attribute) -> None:
    with pytest.raises(FrameError, match="a logical name of 6 bytes"):
        encode_attribute(attribute)


@pytest.mark.parametrize(
    "text",
    ["", "0-1:25.9.0", "0-1:25.9.0.256", "0-1:25.9.0.255 ", "0.1.25.9.0.255", "0-1:25.9.0.-1", "\u0660-1:25.9.0.255"],
)
def test_what_is_no_logical_name_is_refused(text: str) -> None:
    with pytest.raises(FrameError, match="a logical name is written like"):
        logical_name(text)
