"""Values of frames in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.data import decode, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining import wording

CLOCK = bytes.fromhex("07ea030e06080f0000ffc400")


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("0000190900ff", "0-0:25.9.0.255 (push setup, boot)"),
        ("0001190900ff", "0-1:25.9.0.255 (push setup, keepalive)"),
        ("0004190900ff", "0-4:25.9.0.255 (push setup, by alarm bits)"),
        ("0009190900ff", "0-9:25.9.0.255 (push setup, other)"),
        ("0000600100ff", "0-0:96.1.0.255 (00 00 60 01 00 ff)"),
        ("48656c6c6f21", '"Hello!"'),
    ],
)
def test_six_bytes_are_a_logical_name_unless_they_are_text(name: str, meaning: str) -> None:
    assert wording.octets_in_words(bytes.fromhex(name)) == meaning


def test_what_stands_for_a_last_gasp_and_is_no_obis_code_is_written_as_such() -> None:
    assert wording.obis_in_words(bytes.fromhex("808080808000")) == "128.128.128.128.128.0"
    assert wording.obis_in_words(bytes.fromhex("808080808001")) == "128-128:128.128.128.1"


@pytest.mark.parametrize(
    ("alarms", "said"),
    [
        (0, "none is set"),
        (1, "bit 0 (last gasp)"),
        (2, "bit 1 (boot)"),
        (0x80000003, "bit 0 (last gasp), bit 1 (boot), bit 31"),
    ],
)
def test_alarm_bits_are_counted_and_named(alarms: int, said: str) -> None:
    assert wording.alarms_in_words(alarms, by_default=True) == said


def test_the_bits_of_other_words_are_not_named() -> None:
    assert wording.alarms_in_words(1 << 85 | 1, by_default=False) == "bit 0, bit 85"


@pytest.mark.parametrize(
    ("tag", "name", "content", "value"),
    [
        (d.NULL, "null-data", None, ""),
        (d.DONT_CARE, "dont-care", None, ""),
        (d.BOOLEAN, "boolean", True, "True"),
        (d.BIT_STRING, "bit-string", "101", "101"),
        (d.BIT_STRING, "bit-string", "1" * 300, "1" * 128 + " … and 172 more"),
        (d.DOUBLE_LONG, "double-long", -2, "-2"),
        (d.DOUBLE_LONG_UNSIGNED, "double-long-unsigned", 2, "2"),
        (d.VISIBLE_STRING, "visible-string", b"\x00A", '"\\x00A"'),
        (d.UTF8_STRING, "utf8-string", "Ñuñoa".encode(), '"Ñuñoa"'),
        (d.BCD, "bcd", 18, "18"),
        (d.INTEGER, "integer", -1, "-1"),
        (d.LONG, "long", -300, "-300"),
        (d.UNSIGNED, "unsigned", 255, "255"),
        (d.LONG_UNSIGNED, "long-unsigned", 65535, "65535"),
        (d.LONG64, "long64", -(2**63), str(-(2**63))),
        (d.LONG64_UNSIGNED, "long64-unsigned", 2**64 - 1, str(2**64 - 1)),
        (d.ENUM, "enum", 1, "1"),
        (d.FLOAT32, "float32", 0.5, "0.5"),
        (d.FLOAT64, "float64", float("nan"), "nan"),
        (d.DATE_TIME, "date-time", CLOCK, "Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time"),
        (d.DATE, "date", bytes(5), "00 00 00 00 00"),
        (d.TIME, "time", bytes(4), "00 00 00 00"),
        (d.OCTET_STRING, "octet-string", b"", '""'),
        (d.OCTET_STRING, "octet-string", b"\x01\x02", "01 02"),
        (d.OCTET_STRING, "octet-string", b"x" * 300, '"' + "x" * 128 + '" … and 172 more'),
        (d.OCTET_STRING, "octet-string", CLOCK, "Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time"),
        (d.OCTET_STRING, "octet-string", b"ABCDEF123456", '"ABCDEF123456"'),
    ],
)
def test_each_type_of_data_is_named_and_shown(tag: int, name: str, content: Any, value: str) -> None:
    assert (wording.type_in_words(tag), wording.content_in_words(tag, content)) == (name, value)


def test_every_type_that_the_codec_knows_has_a_name() -> None:
    known = set()
    for tag in range(256):
        try:
            known.add(decode(bytes((tag,)) + bytes(16))[0][0])
        except FrameError:
            continue
    assert len(known) == 24
    assert len({wording.type_in_words(tag) for tag in known}) == len(known)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("07ea030e06080f0000800000", "Saturday 14 March 2026, 08:15:00, local time, winter time"),
        ("07ea070eff080f00ff00f080", "Tuesday 14 July 2026, 08:15:00, UTC-04:00, summer time"),
        ("07ea030e06080f0000ff6aff", "Saturday 14 March 2026, 08:15:00, UTC+02:30"),
        ("07ea020e06080f0000000000", "Saturday 14 February 2026, 08:15:00, UTC+00:00, winter time"),
        ("0001010101000000ff000000", "Monday 1 January 1, 00:00:00, UTC+00:00, winter time"),
        ("07ea021e06080f0000000000", "07 ea 02 1e 06 08 0f 00 00 00 00 00 (no usable time)"),
        ("ffffffffffffffffff8000ff", "ff ff ff ff ff ff ff ff ff 80 00 ff (no usable time)"),
    ],
)
def test_a_clock_is_shown_in_words(clock: str, words: str) -> None:
    assert wording.time_in_words(bytes.fromhex(clock)) == words


def test_what_does_not_print_or_turns_the_writing_round_is_escaped() -> None:
    hostile = "a\x1b[2J\x7f\u202eb\u2066\n".encode() + b"\xff"
    assert wording.text_in_words(hostile) == r'"a\x1b[2J\x7f\u202eb\u2066\n\xff"'


@pytest.mark.parametrize(
    ("tag", "words"),
    [(0x0F, "DataNotification (0F)"), (0xDB, "general-glo-ciphering (DB)"), (0xEE, "unknown (EE)")],
)
def test_apdus_that_no_format_carries_are_named_too(tag: int, words: str) -> None:
    assert wording.apdu_in_words(tag) == words


@settings(derandomize=True)
@given(st.binary(max_size=2000))
def test_any_bytes_are_shown_in_bounded_printable_words(value: bytes) -> None:
    for tag in d.STRINGS:
        (_, content), _ = decode(encode((tag, value)))
        words = wording.content_in_words(tag, content)
        assert words.isprintable()
        assert len(words) < 1000
