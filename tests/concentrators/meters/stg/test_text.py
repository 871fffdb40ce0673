"""From bytes to text: Latin-9, marks, declarations, control characters (MET-2)."""

from __future__ import annotations

import codecs

import pytest

from concentrators.meters.stg import StgError
from concentrators.meters.stg.text import decode, tidy


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<a/>", "<a/>"),
        ("<é/>".encode(), "<é/>"),
        ("<é €/>".encode("iso-8859-15"), "<é €/>"),
        (b"<a b='\xff\xff'/>", "<a b='ÿÿ'/>"),
        (codecs.BOM_UTF8 + b"<a/>", "<a/>"),
        ("<é/>".encode("utf-16"), "<é/>"),
        (codecs.BOM_UTF16_BE + "<é/>".encode("utf-16-be"), "<é/>"),
        ("<é/>".encode("utf-32"), "<é/>"),
        ("<a/>".encode("utf-16-le"), "<a/>"),  # without a mark its zeros are cut
        (b"", ""),
    ],
)
def test_bytes_are_utf_8_if_they_can_be_else_latin_9(content: bytes, text: str) -> None:
    assert decode(content) == text


@pytest.mark.parametrize("content", [codecs.BOM_UTF8 + b"\xff", codecs.BOM_UTF16_LE + b"<", codecs.BOM_UTF32_LE + b"<"])
def test_a_mark_that_promises_otherwise_is_refused(content: bytes) -> None:
    with pytest.raises(StgError, match="begins as utf-"):
        decode(content)


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0"?>',
        "<?xml version='1.0' encoding='ISO-8859-15' standalone='yes'?>",
        '<?xml version="1.1" encoding="KLINGON"?>',
        '\r\n <?xml version="1.0" encoding="UTF-16"?>',
    ],
)
def test_what_the_declaration_says_does_not_matter(head: str) -> None:
    assert decode(f"{head}<a/>".encode()) == "<a/>"


def test_control_characters_and_references_to_them_are_cut() -> None:
    assert tidy("<a b='\0x\x01\x1fy\ufffe\uffff'/>\0\0") == "<a b='xy'/>"
    assert tidy("a&#0;b&#x1F;c&#31;d&#x0008;e&#11;f") == "abcdef"


@pytest.mark.parametrize(
    "kept", ["a\tb\r\nc", "&#9;&#10;&#13;&#xA;&#x9;&#xD;&#32;&#x20;&#65;&#x10FFFF;", "&#;&#x;", "é€"]
)
def test_the_others_are_kept(kept: str) -> None:
    assert tidy(kept) == kept
