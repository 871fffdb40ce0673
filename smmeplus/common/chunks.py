from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from django.db import connection
from django.db.models import Model, Q
from django.db.models.expressions import RawSQL

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
_KEYS = {
    "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s)",
    "sqlite": "SELECT value FROM json_each(%s)",
}

_TEXTS = {"postgresql": "SELECT json_array_elements_text(%s)", "sqlite": "SELECT value FROM json_each(%s)"}


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """``items`` in lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def by_keys(keys: Iterable[int]) -> RawSQL:
    """A subquery of thousands of ``keys``, sent as one parameter: one for each costs more than the query."""
    return RawSQL(_KEYS[connection.vendor], [json.dumps(list(keys))])  # noqa: S611 - constant


def by_texts(texts: Iterable[str]) -> RawSQL:
    """A subquery of thousands of ``texts``, sent as one parameter."""
    return RawSQL(_TEXTS[connection.vendor], [json.dumps(list(texts))])  # noqa: S611 - constant


def in_keys(keys: Collection[int], path: str = "pk") -> Q:
    """Whether ``path`` is one of thousands of ``keys``, all different. Those of new rows have no gaps: a range."""
    if keys and max(keys) - min(keys) == len(keys) - 1:
        return Q(**{f"{path}__gte": min(keys), f"{path}__lte": max(keys)})
    return Q(**{f"{path}__in": by_keys(keys)})


def sent_rows(model: type[Model], names: Iterable[str]) -> str:
    """SQL of a relation ``sent`` with the columns ``names`` of ``model``, made from a JSON list of objects."""
    return _sent(model, tuple(names), connection.vendor)


@lru_cache(64)  # to ask each column for its type costs as much as a small statement
def _sent(model: type[Model], names: tuple[str, ...], vendor: str) -> str:
    if vendor == "postgresql":
        types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
        return f"json_to_recordset(%s) AS sent ({', '.join(f'{name} {types[name]}' for name in names)})"
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
    return f"(SELECT {parts} FROM json_each(%s)) AS sent"  # noqa: S608 - names of columns


def execute_with(statement: str, rows: Sequence[Row], *parameters: Any) -> list[tuple[Any, ...]]:
    """Execute it with ``rows`` as its first parameter: see :func:`sent_rows`. Returns what it returns."""
    adapted = connection.ops.adapt_datetimefield_value

    def stored(value: object) -> str:
        """A time or a day as the database stores it."""
        if isinstance(value, datetime):
            return str(adapted(value))
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError(f"{value!r} is no value of a row")

    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=stored), *parameters])
        return cursor.fetchall() if cursor.description else []
