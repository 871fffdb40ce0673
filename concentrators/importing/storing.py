"""Many concentrators in one statement (PER-4).

A chunk is sent as one text, which the database parses. With ``bulk_create`` a file of 400,000 rows would take longer
than the minute that is allowed. The rows of an installation file are staged first, in a table of their own; from there
the database copies them by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from concentrators.importing.columns import ATTRIBUTES
from concentrators.importing.device_keys import NO_CELLS
from concentrators.models import Concentrator, InstallationFile, InstallationRow, RowKind
from smmeplus.common.chunks import by_keys

if TYPE_CHECKING:
    from concentrators.importing.rows import CheckedRow

#: A concentrator's values by column, as the model has them.
Record: TypeAlias = Mapping[str, Any]

BUFFERED = 20_000  # rows that are staged together
_FIELDS = {field.attname: field for field in Concentrator._meta.concrete_fields}
_SERIALS = {"postgresql": "SELECT json_array_elements_text(%s)", "sqlite": "SELECT value FROM json_each(%s)"}
_TABLE = Concentrator._meta.db_table
_ROWS = InstallationRow._meta.db_table
KEYS = ("system_title", "unicast_key", "authentication_key", "key_digest", "ciphered_only")
_STAGED = ("file_id", "line", "serial_number", "kind", "columns", "before", "errors", "password", *KEYS, *ATTRIBUTES)
_NULL = "\x01"  # no cell has a control character
_NO_VALUES = (None,) * len(ATTRIBUTES)


def by_serials(serials: Iterable[str]) -> QuerySet[Concentrator]:
    """The concentrators with these serial numbers, sent as one parameter: thousands would cost more than the query."""
    return Concentrator.objects.filter(
        serial_number__in=RawSQL(_SERIALS[connection.vendor], [json.dumps(list(serials))])  # noqa: S611 - constant
    )


def default_record() -> Record:
    """The model's default values of a new concentrator, without its key."""
    return {name: field.get_default() for name, field in _FIELDS.items() if not field.primary_key}


def create(records: Sequence[Record]) -> None:
    """Insert ``records``, which have no keys yet. Raises IntegrityError for a serial number that exists."""
    names = list(default_record())
    columns = ", ".join(names)
    sent = json.dumps(records, default=_time)
    _fetch(f"INSERT INTO {_TABLE} ({columns}) SELECT {columns} FROM {_sent(names)}", [sent])  # noqa: S608 - names


class Staging:
    """Stores the rows of ``file``, many at a time, each time in a transaction of its own."""

    def __init__(self, file: InstallationFile) -> None:
        self._file = _key(file)
        self._rows: list[tuple[Any, ...]] = []
        self._is_large = False

    def add_all(self, rows: Iterable[CheckedRow], kind: RowKind) -> None:
        """Those that change nothing that is there."""
        file, number = self._file, int(kind)
        self._rows += [
            (file, row.line, row.serial_number, number, 0, None, None, *_secrets(row), *row.values) for row in rows
        ]
        self._flush_if_many()

    def add(self, row: CheckedRow, kind: RowKind, columns: int, before: Record) -> None:
        was = json.dumps(before)
        self._put(row.line, row.serial_number, int(kind), columns, was, None, *_secrets(row), *row.values)

    def add_wrong(self, line: int, serial_number: str, errors: Sequence[Sequence[str]]) -> None:
        self._put(line, serial_number, int(RowKind.REFUSED), 0, None, json.dumps(errors), None, *NO_CELLS, *_NO_VALUES)

    def finish(self) -> None:
        """Store the rest. Many rows need new statistics, or their pages would be planned as if they were few."""
        self.flush()
        if self._is_large and connection.vendor == "postgresql":
            _fetch(f"ANALYZE {_ROWS}", [])

    def flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            _insert(rows)

    def _put(self, *values: Any) -> None:
        self._rows.append((self._file, *values))
        self._flush_if_many()

    def _flush_if_many(self) -> None:
        if len(self._rows) >= BUFFERED:
            self._is_large = True
            self.flush()


def _secrets(row: CheckedRow) -> tuple[Any, ...]:
    """The password and what belongs to keys, all of it as it may lie in the database."""
    return (row.password, *(row.keys.cells if row.keys else NO_CELLS))


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    columns = ", ".join(connection.ops.quote_name(name) for name in _STAGED)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_ROWS} ({columns}) FROM STDIN (NULL '{_NULL}')") as copy:
                copy.write(_as_copied(rows))
        else:
            places = ", ".join(["%s"] * len(_STAGED))
            cursor.executemany(f"INSERT INTO {_ROWS} ({columns}) VALUES ({places})", rows)  # noqa: S608 - names


def _as_copied(rows: Sequence[tuple[Any, ...]]) -> str:
    """``rows`` in the text format of COPY. A cell has no tab and no line break: neither a value nor JSON can."""
    lines = ["\t".join([_NULL if cell is None else str(cell) for cell in row]) for row in rows]
    return "\n".join([*lines, ""]).replace("\\", "\\\\")


def create_staged(file: InstallationFile, serials: tuple[str, str], profile: int | None, record: Record) -> list[int]:
    """Insert the new concentrators from the first to the last of ``serials`` that the file gives ``profile``.

    ``record`` has what the file does not say. Returns their keys. Raises IntegrityError if a serial number exists.
    """
    said = set(ATTRIBUTES) - {"profile_id"}
    names = [name for name in record if name != "serial_number"]
    values = ", ".join(f"COALESCE({name}, %s)" if name in said else "%s" for name in names)
    columns = ", ".join(("serial_number", *names))
    which = "profile_id IS NULL" if profile is None else f"profile_id = {int(profile)}"
    statement = (
        f"INSERT INTO {_TABLE} ({columns}) SELECT serial_number, {values} FROM {_ROWS} "  # noqa: S608 - names
        f"WHERE file_id = %s AND kind = {RowKind.NEW:d} AND serial_number BETWEEN %s AND %s AND {which} "
        "ORDER BY serial_number RETURNING id"
    )
    given = [_adapted(record[name]) for name in names]
    return [key for (key,) in _fetch(statement, [*given, _key(file), *serials])]


def taken(file: InstallationFile) -> list[str]:
    """The serial numbers of those that would be new and are there by now."""
    statement = (
        f"SELECT c.serial_number FROM {_ROWS} AS said JOIN {_TABLE} AS c ON c.serial_number = said.serial_number "  # noqa: S608 - names
        f"WHERE said.file_id = %s AND said.kind = {RowKind.NEW:d} ORDER BY c.serial_number"
    )
    return [serial for (serial,) in _fetch(statement, [_key(file)])]


def update_staged(file: InstallationFile, keys: Sequence[int]) -> None:
    """Give the concentrators ``keys`` what the file says of them, but for the profile."""
    names = [name for name in ATTRIBUTES if name != "profile_id"]
    sent = by_keys(keys)
    assignments = ", ".join(f"{name} = COALESCE(said.{name}, {_TABLE}.{name})" for name in names)
    statement = (
        f"UPDATE {_TABLE} SET {assignments} FROM {_ROWS} AS said WHERE said.file_id = %s "  # noqa: S608 - names
        f"AND said.serial_number = {_TABLE}.serial_number AND {_TABLE}.id IN ({sent.sql})"
    )
    _fetch(statement, [_key(file), *sent.params])


def no_longer_unchanged(file: InstallationFile) -> list[str]:
    """The serial numbers that the file would change or create by now, though it did not when it was checked."""
    differs = " OR ".join(
        f"(said.{name} IS NOT NULL AND (c.{name} IS NULL OR c.{name} <> said.{name}))" for name in ATTRIBUTES
    )
    statement = (
        f"SELECT said.serial_number FROM {_ROWS} AS said LEFT JOIN {_TABLE} AS c "  # noqa: S608 - names
        "ON c.serial_number = said.serial_number AND c.company_id = %s "
        f"WHERE said.file_id = %s AND said.kind = {RowKind.UNCHANGED:d} AND (c.id IS NULL OR {differs}) "
        "ORDER BY said.serial_number"
    )
    return [serial for (serial,) in _fetch(statement, [file.company_id, _key(file)])]


def _key(file: InstallationFile) -> str:
    return str(file.pk) if connection.features.has_native_uuid_field else file.pk.hex


def _sent(names: Iterable[str]) -> str:
    """SQL of a relation ``sent`` with the columns ``names``, made from a JSON list of objects."""
    if connection.vendor == "postgresql":
        types = ", ".join(f"{name} {_FIELDS[name].db_type(connection)}" for name in names)
        return f"json_to_recordset(%s) AS sent ({types})"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return f"(SELECT {parts} FROM json_each(%s)) AS sent"  # noqa: S608 - names of columns


def _fetch(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _adapted(value: object) -> object:
    return _time(value) if isinstance(value, datetime) else value


@lru_cache(16)  # all times of a chunk are the same
def _time(value: object) -> str:
    """A time as the database stores it; the only type of value that JSON lacks."""
    if isinstance(value, datetime):
        return str(connection.ops.adapt_datetimefield_value(value))
    raise TypeError(f"{value!r} is no value of a concentrator")
