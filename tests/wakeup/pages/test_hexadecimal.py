"""Bytes in hex as people copy them (WIR-4)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from wakeup.pages.frames.hexadecimal import bytes_of_hex

MOST = 64


@pytest.mark.parametrize(
    "typed",
    [
        *[
            "00010aff",
            "00010AFF",
            "00 01 0a ff",
            "00:01:0A:FF",
            "00-01-0a-ff",
            "00,01,0a,ff",
            "0001 0aff",
            "0x00010aff",
        ],
        *["0x00 0x01 0x0A 0xFF", "0x00, 0x01, 0x0a, 0xff", "0X00010AFF", "0x000x010x0a0xff", r"\x00\x01\x0a\xff"],
        *[
            "00 01\n0a ff",
            "00 01\r\n0a ff\r\n",
            "0001\n0aff",
            "00010\naff",
            "0001\u00a00aff",
            "\t00\t01 0a;ff ",
            "\n00010aff",
        ],
    ],
)
def test_what_separates_the_digits_does_not_matter(typed: str) -> None:
    assert bytes_of_hex(typed, MOST) == b"\x00\x01\x0a\xff"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("00 01 0g", "“g” in “0g” is not a hex digit (0 to 9, A to F)."),
        ("hello", "“h” in “hello” is not a hex digit (0 to 9, A to F)."),
        ("00 x1", "“x” in “x1” is not a hex digit (0 to 9, A to F)."),
        ("00 \u0660\u0661", "“\u0660” in “\u0660\u0661” is not a hex digit (0 to 9, A to F)."),
        ("00 \0", "“\0” in “\0” is not a hex digit (0 to 9, A to F)."),
        ("0" * 50 + "|" + "0" * 50, "“|” in “…0000000000|000000000…” is not a hex digit (0 to 9, A to F)."),
        ("0x1 0x2", "“1” has an odd number of hex digits, 1. A byte has two."),
        ("00 01 2", "“2” has an odd number of hex digits, 1. A byte has two."),
        ("0" * 41, f"“{'0' * 20}…” has an odd number of hex digits, 41. A byte has two."),
        ("0001\n0", "“00010” has an odd number of hex digits, 5. A byte has two."),
        (": - ,", "No hex digits were entered, only what separates them."),
        ("0x", "No hex digits were entered, only what separates them."),
        ("00" * 65, "65 bytes were entered; no frame has more than 64."),
    ],
)
def test_what_is_no_hex_is_refused_with_what_was_seen(typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        bytes_of_hex(typed, MOST)
    assert refused.value.messages == [said]


def test_as_many_bytes_as_allowed_are_read() -> None:
    assert bytes_of_hex("ab" * MOST, MOST) == b"\xab" * MOST


@given(st.binary(min_size=1, max_size=MOST), st.sampled_from(["", " ", ":", "\n", ", 0x", "\\x"]))
def test_bytes_come_back_whatever_separates_them(value: bytes, between: str) -> None:
    assert bytes_of_hex(between.join(f"{octet:02x}" for octet in value), MOST) == value


@given(st.text(max_size=200))
def test_any_text_is_bytes_or_an_error_of_the_form(typed: str) -> None:
    refusal = ""
    try:
        assert 0 < len(bytes_of_hex(typed, MOST)) <= MOST
    except ValidationError as refused:
        refusal = refused.messages[0]
    assert len(refusal) < 200


def test_markup_is_refused_as_the_text_that_it_is() -> None:
    with pytest.raises(ValidationError, match="is not a hex digit"):
        bytes_of_hex("<script>alert(1)</script>", MOST)
