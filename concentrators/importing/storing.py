"""Many concentrators in one statement (PER-4).

A chunk is sent as one JSON text, which the database parses. With ``bulk_create`` a file of 400,000 rows would take
longer than the minute that is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from concentrators.models import Concentrator

#: A concentrator's values by column, as the model has them.
Record: TypeAlias = Mapping[str, Any]

_FIELDS = {field.attname: field for field in Concentrator._meta.concrete_fields}
_SERIALS = {"postgresql": "SELECT json_array_elements_text(%s)", "sqlite": "SELECT value FROM json_each(%s)"}
_TABLE = Concentrator._meta.db_table


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
    _execute(f"INSERT INTO {_TABLE} ({columns}) SELECT {columns} FROM {_sent(names)}", records)  # noqa: S608 - names


def update(records: Sequence[Record], names: Sequence[str]) -> None:
    assignments = ", ".join(f"{name} = sent.{name}" for name in names)
    sent = _sent(["id", *names])
    _execute(f"UPDATE {_TABLE} SET {assignments} FROM {sent} WHERE {_TABLE}.id = sent.id", records)  # noqa: S608 - names


def _sent(names: Iterable[str]) -> str:
    """SQL of a relation ``sent`` with the columns ``names``, made from a JSON list of objects."""
    if connection.vendor == "postgresql":
        types = ", ".join(f"{name} {_FIELDS[name].db_type(connection)}" for name in names)
        return f"json_to_recordset(%s) AS sent ({types})"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return f"(SELECT {parts} FROM json_each(%s)) AS sent"  # noqa: S608 - names of columns


def _execute(statement: str, records: Sequence[Mapping[str, object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(records, default=_time)])


@lru_cache(16)  # all times of a chunk are the same
def _time(value: object) -> str:
    """A time as the database stores it; the only type of value that JSON lacks."""
    if isinstance(value, datetime):
        return str(connection.ops.adapt_datetimefield_value(value))
    raise TypeError(f"{value!r} is no value of a concentrator")
