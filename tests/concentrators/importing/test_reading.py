"""Installation files are read within bounds, and what is wrong is said in the language of the reader (CON-5)."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.utils import translation

from concentrators.importing import UnreadableFile, reading
from concentrators.importing.reading import read, read_text
from concentrators.importing.rows import FileRow, SourceFacts
from smmeplus.common.spreadsheets import cage
from smmeplus.common.spreadsheets.rows import Facts, Fault, Limits
from smmeplus.common.spreadsheets.words import A_TIME
from tests.smmeplus.common.spreadsheets.test_workbooks import workbook

pytestmark = pytest.mark.one_database

SMALL = b"serial_number\nA1\n"
LARGE = SMALL + b"A2\n" * reading.SMALL


@pytest.fixture
def caged(monkeypatch: pytest.MonkeyPatch) -> list[Limits]:
    """The limits of each process that is asked for; none is started."""
    asked: list[Limits] = []

    def read_rows(_source: object, limits: Limits, _facts: Facts) -> Iterator[FileRow]:
        asked.append(limits)
        yield FileRow(1, ["serial_number"], (Fault(0, A_TIME),))

    monkeypatch.setattr(cage, "read_rows", read_rows)
    return asked


@pytest.mark.parametrize("content", [LARGE, workbook(["serial_number"], ["A1"])])
def test_what_could_do_harm_is_read_by_a_process_of_its_own(content: bytes, caged: list[Limits]) -> None:
    assert [row.line for row in read(io.BytesIO(content))] == [1]
    assert caged == [Limits()]


def test_a_small_csv_needs_no_process(caged: list[Limits]) -> None:
    assert [row.cells for row in read(io.BytesIO(SMALL))] == [["serial_number"], ["A1"]]
    assert caged == []


def test_a_large_csv_is_read_to_its_end() -> None:
    assert sum(1 for _row in read(io.BytesIO(LARGE))) == 2 + reading.SMALL


def test_reasons_are_in_the_language_of_the_reader(caged: list[Limits]) -> None:
    with translation.override("es"):
        (row,) = read(io.BytesIO(LARGE))
        with pytest.raises(UnreadableFile) as refusal:
            list(read(io.BytesIO(b"serial_number\n")))
    assert "fecha" in row.faults[0].reason
    assert "encabezado" in str(refusal.value)


def test_numbers_are_put_into_the_message() -> None:
    with pytest.raises(UnreadableFile, match=r"^Line 2 is not in UTF-8"):
        list(read_text(io.BytesIO(b"a\n\xd1\n"), "utf-8"))


def test_hidden_sheets_are_named_in_the_language_of_the_reader() -> None:
    facts = SourceFacts()
    reading._note(Facts("Data", [("Old", True), ("Notes", False)], 2, []), facts)
    assert facts == SourceFacts("Data", ["Old (hidden)", "Notes"], hidden_rows=2)
