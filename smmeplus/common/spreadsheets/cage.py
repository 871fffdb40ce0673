"""Reading a file in a process of its own, so that no file takes the memory or the time of this one (CON-5).

The process is started anew, not forked: a web server has threads. It gets the file as a descriptor and an environment
without any secret.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, BinaryIO

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.rows import Caution, Facts, Fault, FileRow, Limits, NotATable

_ROOT = Path(__file__).resolve().parents[3]
#: Without installed packages, which the process does not need and which take a second to find.
_COMMAND = (sys.executable, "-P", "-S", "-s", "-m", "smmeplus.common.spreadsheets.child")
_NO_FAULTS: tuple[Fault, ...] = ()


def read_rows(source: BinaryIO, limits: Limits, facts: Facts) -> Iterator[FileRow]:
    """As ``reading.read_rows``. Raises NotATable also if a limit of time or memory ends the process."""
    with _as_file(source) as file, _started(file, limits) as process:
        try:
            for line in process.stdout or ():
                piece = json.loads(line)
                if "facts" in piece:
                    _note(facts, *piece["facts"])
                    return
                yield from map(_row, _rows_of(piece))
        finally:
            process.kill()
    raise NotATable(words.TOO_MUCH)


def _started(file: IO[bytes], limits: Limits) -> subprocess.Popen[bytes]:
    command = (*_COMMAND, json.dumps(asdict(limits)))
    return subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, env={"PYTHONPATH": str(_ROOT)})  # noqa: S603


def _as_file(source: BinaryIO) -> AbstractContextManager[IO[bytes]]:
    """``source``, or a copy of it if it is no file of the operating system; at its beginning."""
    source.seek(0)
    try:
        source.fileno()
    except (AttributeError, OSError):
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        return copy
    return nullcontext(source)


def _rows_of(piece: dict[str, Any]) -> list[list[Any]]:
    if "refused" in piece:
        message, values = piece["refused"]
        raise NotATable(message, *values) if isinstance(values, list) else NotATable(message, **values)
    rows: list[list[Any]] = piece["rows"]
    return rows


def _row(packed: list[Any]) -> FileRow:
    if len(packed) == 2:
        return FileRow(*packed)
    line, cells, faults, is_hidden, text_faults = packed
    return FileRow(line, cells, _faults(faults), is_hidden, _faults(text_faults))


def _faults(packed: list[list[Any]]) -> tuple[Fault, ...]:
    return tuple(Fault(*fault) for fault in packed) if packed else _NO_FAULTS


def _note(facts: Facts, sheet: str, others: list[Any], hidden_rows: int, cautions: list[Any]) -> None:
    facts.sheet, facts.hidden_rows = sheet, hidden_rows
    facts.others = [(name, is_hidden) for name, is_hidden in others]
    facts.cautions = [Caution(*caution) for caution in cautions]
