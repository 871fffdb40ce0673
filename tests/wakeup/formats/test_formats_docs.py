"""The examples of docs/wire-formats.md are what the product reads and sends."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind, KindKey
from tests import ROOT
from tests.wakeup.formats.whole import read_whole
from wakeup import formats
from wakeup.formats import read_frame
from wakeup.formats.notice import Notice
from wakeup.models import Format

TEXT = (ROOT / "docs" / "wire-formats.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def bytes_of(block: str) -> bytes:
    return bytes.fromhex("".join(line.partition("|")[0] for line in block.splitlines()))


def test_the_table_has_the_first_byte_of_each_format() -> None:
    table = TEXT[TEXT.index("| first byte |") :].partition("\n\n")[0]
    assert re.findall(r"^\| `([0-9A-F]{2})`", table, re.MULTILINE) == [f"{first:02X}" for first in formats.FORMATS]


def test_the_frames_are_read_as_the_text_says() -> None:
    push, concentrator, event, login = (read_whole(bytes_of(block)) for block in blocks("frame"))
    assert push[:4] == ("16CEC50610036665", Kind.KEEPALIVE, None, Format.PUSH)
    assert push.answer == bytes_of(*blocks("answer"))
    assert (concentrator.serial, concentrator.kind, concentrator.format) == (
        "EPL1000400000042",
        Kind.BOOT,
        Format.CONCENTRATOR,
    )
    assert event[:5] == ("EPL1000400000042", Kind.KEEPALIVE, None, Format.EVENT, b"")
    assert login[:4] == ("210600990041", Kind.KEEPALIVE, None, Format.SESSION)
    assert login.answer.hex() == "0001000100010002aa03"


def test_the_telegram_is_read_as_the_text_says() -> None:
    (telegram,) = blocks("telegram")
    notice = read_whole(telegram.replace("\n", "\r\n").encode())
    assert (notice.serial, notice.kind, notice.format) == ("EPL1000400000042", Kind.KEEPALIVE, Format.TELEGRAM)


@pytest.fixture
def read_line(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], tuple[Notice, int] | None]:
    """The format that the text adds, in the table."""
    module: dict[str, Any] = {"__name__": "wakeup.formats.line"}
    exec(blocks("python")[0], module)
    read: Callable[[bytes], tuple[Notice, int] | None] = module["read"]
    monkeypatch.setattr(formats, "FORMATS", {**formats.FORMATS, ord("@"): read})
    return read_frame


def test_the_format_that_the_text_adds_works(read_line: Callable[[bytes], tuple[Notice, int] | None]) -> None:
    notice = Notice("16CEC50610036665", Kind.BOOT, None, Format.TELEGRAM, b"OK\n", KindKey(code=2))
    assert read_line(b"@16cec50610036665 2\n@") == (notice, 20)
    assert read_line(b"@16CEC5") is None
    for wrong in (b"@A1\n", b"@-A1 2\n", b"@" * 64):
        with pytest.raises(FrameError):
            read_line(wrong)
    with pytest.raises(FrameError, match=r"known are 00 \(wrapped\), 2F \(telegram\), 40 \(line\)"):
        read_line(b"x")
