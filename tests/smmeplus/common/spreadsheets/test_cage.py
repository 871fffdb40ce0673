"""Files are read in a process of their own, within limits (CON-5). No input here is hostile: the limits are small."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import IO, BinaryIO

import pytest

from smmeplus.common.spreadsheets import cage, words
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable
from tests.smmeplus.common.spreadsheets.test_workbooks import with_rows

pytestmark = pytest.mark.one_database

MIB = 2**20


def csv(rows: int) -> io.BytesIO:
    return io.BytesIO(b"serial_number,substation\n" + b"".join(b"A%d,Maipu\n" % number for number in range(rows)))


def rows(source: BinaryIO, facts: Facts | None = None) -> list[FileRow]:
    return list(cage.read_rows(source, Limits(), facts or Facts()))


def refusal(source: BinaryIO, **limits: int) -> str:
    with pytest.raises(NotATable) as error:
        list(cage.read_rows(source, Limits(**limits), Facts()))
    return str(error.value)


def test_all_rows_come_in_their_order_over_many_pieces() -> None:
    assert [row.cells[0] for row in rows(csv(1234))] == ["serial_number", *(f"A{number}" for number in range(1234))]


def test_a_file_of_the_system_is_read_from_its_beginning_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(csv(3).getvalue())
    with path.open("rb") as source:
        source.read(20)
        assert len(rows(source)) == 1 + 3
        assert not source.closed


def test_faults_hidden_rows_and_facts_come_through() -> None:
    xml = (
        '<row r="1"><c t="str"><v>serial_number</v></c></row>'
        '<row r="2" hidden="1"><c t="e"><v>#N/A</v></c><c><v>1234567890123456</v></c></row>'
    )
    facts = Facts()
    row = rows(io.BytesIO(with_rows(xml)), facts)[1]
    assert (row.line, row.cells, row.is_hidden) == (2, ["#N/A", "1234567890123456"], True)
    assert [fault.place for fault in row.faults] == [0]
    assert [fault.place for fault in row.text_faults] == [1]
    assert (facts.sheet, facts.hidden_rows) == ("Sheet", 1)


def test_every_character_comes_through() -> None:
    texts = ["Ñuñoa", "\N{GRINNING FACE}", 'a"b\\', "x\N{LINE SEPARATOR}y", "\x07"]
    source = io.BytesIO("\t".join(["one"] * 5 + ["\n"]).encode() + "\t".join(texts).replace('"', "'").encode())
    assert rows(source)[1].cells == [text.replace('"', "'") for text in texts]


def test_why_a_file_is_refused_comes_through() -> None:
    assert refusal(csv(4), rows=3) == "The file has more than 3 rows; split it."


def test_a_file_that_takes_too_long_is_refused() -> None:
    source = io.BytesIO(b"serial_number\n" + b"A1\n" * 2_000_000)
    assert refusal(source, rows=2_000_000, seconds=1) == words.TOO_MUCH


def test_a_file_that_needs_too_much_memory_is_refused() -> None:
    text = f'<row r="1"><c t="str"><v>{"x" * 20 * MIB}</v></c></row>'
    message = refusal(io.BytesIO(with_rows(text)), memory=40 * MIB)
    assert "more memory" in message or "more text" in message


def test_a_process_that_dies_without_a_word_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cage, "_COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    assert refusal(csv(3)) == words.TOO_MUCH


def test_the_process_ends_when_nobody_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = cage._started

    def noted(file: IO[bytes], limits: Limits) -> subprocess.Popen[bytes]:
        started.append(start(file, limits))
        return started[-1]

    monkeypatch.setattr(cage, "_started", noted)
    found = cage.read_rows(csv(200_000), Limits(), Facts())
    next(found)
    found.close()  # type: ignore[attr-defined] # a generator
    assert started[0].returncode is not None


def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    seen: list[dict[str, str]] = []
    popen = subprocess.Popen

    def watched(*given: object, **options: object) -> object:
        seen.append(dict(options["env"]))  # type: ignore[call-overload]
        return popen(*given, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", watched)
    rows(csv(1))
    assert [list(environment) for environment in seen] == [["PYTHONPATH"]]
