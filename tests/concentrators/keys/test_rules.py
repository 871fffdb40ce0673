"""What keys and system titles may be, and that no refusal tells a key (SEC-3)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from concentrators.keys.rules import digest_of, key_of, refuse_alike, system_title_of

KEY = "000102030405060708090A0B0C0D0E0F"


@pytest.mark.parametrize(
    "text", [KEY, KEY.lower(), " ".join(KEY[at : at + 2] for at in range(0, 32, 2)), f"\N{NO-BREAK SPACE}{KEY}\r\n"]
)
def test_a_key_is_read_in_any_case_and_with_blanks(text: str) -> None:
    assert key_of(text) == bytes(range(16))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", "There are 0 here."),
        (KEY[:31], "There are 31 here."),
        (KEY + "1", "There are 33 here."),
        (KEY[:31] + "G", "1 character here is something else."),
        ("0x" + KEY, "1 character here is something else."),
        (KEY.replace("0", "\N{FULLWIDTH DIGIT ZERO}"), "17 characters here are something else."),
        (KEY[:31] + "\0", "1 character here is something else."),
        (
            "1234567890123456789012345678901",
            "There are 31 here. A spreadsheet may have taken zeros from its beginning.",
        ),
    ],
)
def test_what_is_no_key_is_refused_by_length_and_kind(text: str, seen: str) -> None:
    with pytest.raises(ValidationError) as caught:
        key_of(text)
    assert caught.value.messages == [f"A key is 32 hexadecimal digits. {seen}"]
    assert len(text) < 4 or text.strip("\0") not in str(caught.value)


@pytest.mark.parametrize("byte", ["00", "FF", "11"])
def test_one_byte_again_and_again_is_no_key(byte: str) -> None:
    with pytest.raises(ValidationError, match="one byte again and again"):
        key_of(byte * 16)


def test_both_keys_differ() -> None:
    refuse_alike(b"a" * 16, b"b" * 16)
    with pytest.raises(ValidationError, match="are the same"):
        refuse_alike(b"a" * 16, b"a" * 16)


def test_a_system_title_is_eight_bytes_and_not_nobodys() -> None:
    assert system_title_of("41 70 53 00 00 00 00 0a") == "417053000000000A"
    for wrong in ("", "417053", "0" * 16, "41705300000000XX", settings.SYSTEM_TITLE.hex()):
        with pytest.raises(ValidationError):
            system_title_of(wrong)


def test_a_key_is_known_again_by_its_digest() -> None:
    assert digest_of(b"a" * 16) == digest_of(b"a" * 16) != digest_of(b"b" * 16)
