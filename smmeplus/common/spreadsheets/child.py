"""The process that reads a file (CON-5): the file is its input, and its output are lines of JSON for ``cage``.

Lists of rows; then the facts, or why the file is refused. It confines itself before it looks at the file.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.reading import read_rows
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable

AT_ONCE = 500  # rows


def main() -> None:
    limits = Limits(**json.loads(sys.argv[1]))
    _confine(limits)
    try:
        for piece in _pieces(limits):
            _say(piece)
    except NotATable as refused:
        _say({"refused": [refused.message, refused.values]})
    except MemoryError:
        _say({"refused": [words.TOO_MUCH_MEMORY, {}]})


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, most in ((resource.RLIMIT_CPU, limits.seconds), (resource.RLIMIT_AS, limits.memory)):
        _soft, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))


def _pieces(limits: Limits) -> Iterator[dict[str, Any]]:
    facts = Facts()
    rows = read_rows(sys.stdin.buffer, limits, facts)
    while some := [_packed(row) for row in islice(rows, AT_ONCE)]:
        yield {"rows": some}
    yield {"facts": [facts.sheet, facts.others, facts.hidden_rows, facts.cautions]}


def _packed(row: FileRow) -> tuple[object, ...]:
    return row if row.faults or row.is_hidden or row.text_faults else row[:2]


def _say(piece: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(piece, separators=(",", ":")).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
