"""The lines of exported files as PostgreSQL writes them, by COPY: several times as fast as Python (PER-4).

The query of the list becomes a subquery, so that its expensive parts, such as a status, are computed once, however
often the text of a cell uses them. The rows keep their order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any, NoReturn

from django.db import InterfaceError, connections
from django.db.models import Expression, QuerySet

from smmeplus.common.exporting.columns import ExportColumn, Rows
from smmeplus.common.exporting.texts import CSV_TEXTS, JSON_VALUES, Cell, Text, moment_at_home

BLOCK_BYTES = 64 * 1024

Lines = Generator[bytes, None, None]


def csv_copy(rows: Rows, columns: Sequence[ExportColumn]) -> Lines | None:
    """Blocks of lines of CSV, one a row; None where Python has to write them."""
    if not isinstance(rows, QuerySet):
        return None
    query = _cells(rows, columns, CSV_TEXTS)
    # Of a lone column COPY writes NULL as an empty line, which is no row.
    return _copied(rows.db, f"COPY ({query}) TO STDOUT (FORMAT csv)") if query and len(columns) > 1 else None


def json_copy(rows: Rows, columns: Sequence[ExportColumn]) -> Lines | None:
    """Blocks of lines with a JSON object each, by the columns' names; None where Python has to write them."""
    query = _cells(rows, columns, JSON_VALUES) if isinstance(rows, QuerySet) else ""
    if not query or not isinstance(rows, QuerySet):
        return None
    names = ", ".join(connections[rows.db].ops.quote_name(column.name) for column in columns)
    objects = f"SELECT row_to_json(line) FROM ({query}) AS line ({names})"  # noqa: S608 - made of names of ours
    # The format "text" would escape what JSON has escaped already; of these two characters JSON has none.
    return _copied(rows.db, f"COPY ({objects}) TO STDOUT (FORMAT csv, DELIMITER '\x01', QUOTE '\x02')")


def _cells(rows: QuerySet[Any], columns: Sequence[ExportColumn], texts: Mapping[str, Text]) -> str:
    """The query of the cells of a file. Empty for other databases, and if ``texts`` lacks the type of a column."""
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return ""
    paths = list(dict.fromkeys(path for column in columns for path in (column.path, column.own_zone) if path))
    compiler = rows.values_list(*paths).query.get_compiler(rows.db, elide_empty=False)
    found, parameters = compiler.as_sql()
    cells = {path: Cell(f"cell{place}", compiler.select[place][0].output_field) for place, path in enumerate(paths)}
    written = [_text(cells, column, texts) for column in columns]
    if None in written:
        return ""
    compiled = [compiler.compile(one) for one in written if one]
    selected, names = ", ".join(sql for sql, _values in compiled), ", ".join(cell.name for cell in cells.values())
    query = f"SELECT {selected} FROM ({found}) AS found ({names})"  # noqa: S608 - made of what Django has compiled
    values = [value for _sql, of_cell in compiled for value in of_cell]
    operations: Any = connection.ops  # the stubs lack those of PostgreSQL
    return str(operations.compose_sql(query, [*values, *parameters]))  # COPY takes no parameters


def _text(cells: Mapping[str, Cell], column: ExportColumn, texts: Mapping[str, Text]) -> Expression | None:
    """The expression of a cell's text. None if ``texts`` lacks its type, or if Python converts values of it."""
    cell = cells[column.path]
    field = cell.output_field
    text = None if hasattr(field, "from_db_value") else texts.get(field.get_internal_type())
    if text is None:
        return None
    usual = text(cell, column.zone or UTC)
    return moment_at_home(cell, cells[column.own_zone], usual) if column.own_zone else usual


def _copied(using: str, statement: str) -> Lines:
    """What ``statement`` copies, in blocks of whole lines. The last block is yielded after the statement has ended.

    If the generator is closed early, because the client has gone, psycopg cancels the statement and the connection is
    free again.
    """
    block: list[bytes] = []
    connection = connections[using]
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as lines,
        connection.execute_wrapper(_refuse),
    ):
        yield from _full_blocks(lines, block)
    if block:
        yield b"".join(block)


def _full_blocks(lines: Iterable[bytes], block: list[bytes]) -> Lines:
    """``lines`` in blocks, because every piece that a server sends costs time. The last lines stay in ``block``."""
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK_BYTES:
            yield b"".join(block)
            block.clear()
            size = 0


def _refuse(*_statement: object) -> NoReturn:
    """Refuse other statements on the connection: they would wait for the export, and the export for them."""
    raise InterfaceError("the connection is busy with an export until its response is closed")
