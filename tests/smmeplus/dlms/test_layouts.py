"""Which element of a push is what, by its content or by the push's object list (WIR-2, WIR-4)."""

from __future__ import annotations

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.data import Data
from smmeplus.dlms.kinds import Kind, KindKey
from smmeplus.dlms.layouts import read_body, read_push

SERIAL: Data = (d.OCTET_STRING, b"A1")
OTHER: Data = (d.OCTET_STRING, b"B2")
FOUR = bytes.fromhex("0004190900ff")
NAME: Data = (d.OCTET_STRING, FOUR)
NUMBER: Data = (d.DOUBLE_LONG_UNSIGNED, 6)


def key_of(*elements: Data) -> KindKey:
    return read_push(elements)[-1]


def listed(*entries: tuple[int, str]) -> Data:
    """An object list of these classes and logical names."""
    return d.ARRAY, [
        (
            d.STRUCTURE,
            [(d.LONG_UNSIGNED, class_id), (d.OCTET_STRING, bytes.fromhex(obis)), (d.INTEGER, 2), (d.LONG_UNSIGNED, 0)],
        )
        for class_id, obis in entries
    ]


PUSH = (40, "0001190900ff")
LDN = (1, "00002a0000ff")
ID = (1, "0000600100ff")
WORD = (1, "0000616200ff")
WORD_2 = (1, "0000616201ff")
REGISTER = (3, "0100010800ff")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ((d.UNSIGNED, 5), 5),
        ((d.LONG_UNSIGNED, 5), 5),
        ((d.DOUBLE_LONG_UNSIGNED, 5), 5),
        ((d.LONG64_UNSIGNED, 1 << 63), 1 << 63),
        ((d.BIT_STRING, "101"), 0b101),
        ((d.BIT_STRING, "0" * 85 + "1"), 1 << 85),
        ((d.BIT_STRING, "0" * 255 + "11"), 1 << 255),
        ((d.BIT_STRING, ""), 0),
        ((d.OCTET_STRING, b"\x80"), 0x80),
        ((d.OCTET_STRING, b"\0\1"), 1),
        ((d.OCTET_STRING, b"\0\0\0\2"), 2),
        ((d.OCTET_STRING, b"\x80" + bytes(7)), 1 << 63),
    ],
)
def test_an_alarm_word_may_be_of_any_of_these_types(word: Data, value: int) -> None:
    assert key_of(SERIAL, NAME, word) == KindKey(FOUR, words=(value,))


@pytest.mark.parametrize(
    "no_word",
    [
        (d.OCTET_STRING, b"\0\0\1"),
        (d.OCTET_STRING, b"text"),
        (d.OCTET_STRING, b"a b!"),
        (d.VISIBLE_STRING, b"\0\1"),
        (d.FLOAT32, 1.0),
        (d.BOOLEAN, True),
        (d.NULL, None),
        (d.STRUCTURE, [NUMBER]),
    ],
)
def test_what_is_no_alarm_word(no_word: Data) -> None:
    assert key_of(SERIAL, NAME, no_word).words == ()


def test_octets_are_an_alarm_word_only_behind_id_and_name() -> None:
    octets: Data = (d.OCTET_STRING, b"\0\1")
    assert (
        key_of(octets, SERIAL, NAME).words == key_of(SERIAL, octets, NAME).words == key_of(SERIAL, octets).words == ()
    )
    assert key_of(NUMBER, SERIAL, NAME, octets).words == (6, 1)


@pytest.mark.parametrize(
    ("tag", "code"), [(d.INTEGER, -1), (d.LONG, 12), (d.DOUBLE_LONG, 12), (d.LONG64, 12), (d.ENUM, 12)]
)
def test_the_first_signed_number_or_enum_behind_the_id_is_the_event_code(tag: int, code: int) -> None:
    assert key_of((d.INTEGER, 9), SERIAL, (tag, code), (d.LONG, 7)) == KindKey(code=code)
    assert read_push([SERIAL, (tag, 1)])[2] is Kind.LASTGASP
    assert read_push([SERIAL, (d.OCTET_STRING, bytes.fromhex("0001190900ff")), (tag, 1)])[2] is Kind.KEEPALIVE


def test_there_are_no_more_alarm_words_than_rules_can_name() -> None:
    assert len(key_of(SERIAL, *[NUMBER] * 200).words) == 16


@pytest.mark.parametrize(
    ("elements", "serial", "key"),
    [
        ((listed(PUSH, LDN, ID), OTHER, SERIAL), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
        ((listed(LDN, ID), OTHER, SERIAL), b"A1", KindKey()),
        ((listed(PUSH, ID), NAME, SERIAL), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
        (
            (listed(PUSH, ID, REGISTER, WORD), SERIAL, (d.UNSIGNED, 9), NUMBER),
            b"A1",
            KindKey(bytes.fromhex(PUSH[1]), words=(6,)),
        ),
        ((listed(PUSH, ID, REGISTER), SERIAL, NUMBER), b"A1", KindKey(bytes.fromhex(PUSH[1]), words=(6,))),
        (
            (listed(PUSH, ID, WORD, WORD_2), SERIAL, (d.OCTET_STRING, b"\0\1"), (d.OCTET_STRING, b"\0\2")),
            b"A1",
            KindKey(bytes.fromhex(PUSH[1]), words=(1, 2)),
        ),
        ((listed(PUSH, ID, REGISTER), SERIAL, (d.OCTET_STRING, b"\0\1")), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
        ((listed(PUSH, ID), (d.OCTET_STRING, b"\0!")), b"\0!", KindKey(bytes.fromhex(PUSH[1]))),
        ((listed(PUSH, (1, "0000600101ff"), ID), OTHER, SERIAL), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
        ((listed(PUSH, ID, LDN, WORD), SERIAL), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
        ((listed(PUSH, LDN), SERIAL), b"A1", KindKey(bytes.fromhex(PUSH[1]))),
    ],
)
def test_an_object_list_says_which_element_is_what(elements: tuple[Data, ...], serial: bytes, key: KindKey) -> None:
    found, seen, _, _, found_key = read_push(elements)
    assert (found.encode() or seen, found_key) == (serial, key)


@pytest.mark.parametrize(
    "no_list",
    [
        (d.ARRAY, []),
        (d.ARRAY, [(d.STRUCTURE, [])]),
        (d.ARRAY, [(d.STRUCTURE, [(d.LONG_UNSIGNED, 40), (d.OCTET_STRING, b"\0"), (d.INTEGER, 2)])]),
        (d.ARRAY, [(d.LONG_UNSIGNED, 40)]),
        (d.STRUCTURE, listed(PUSH, ID)[1]),
    ],
)
def test_what_is_no_object_list_is_ignored(no_list: Data) -> None:
    assert read_push([no_list, OTHER, SERIAL])[0] == "B2"


def test_a_value_that_may_have_been_meant_for_the_id_is_shown_if_there_is_none() -> None:
    bcd: Data = (d.OCTET_STRING, bytes.fromhex("0000210600990041"))
    assert read_push([NAME, bcd, (d.OCTET_STRING, b"!")])[:2] == ("", bcd[1])
    assert read_push([NAME, (d.OCTET_STRING, bytes.fromhex("0100010800ff")), NUMBER])[:2] == ("", None)
    assert read_body((d.NULL, None))[:2] == ("", None)
