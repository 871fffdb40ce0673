"""Queries asked for each list: put into SQL once in a process, which else costs more than to ask them (MET-8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, Final, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from psycopg.types.datetime import TimestamptzLoader

#: Stand for the parameters while the SQL is made: values that nothing else of a query has.
FIRST, SECOND = -(10**9) - 1, -(10**9) - 2
_PLACES: Final = {FIRST: 0, SECOND: 1, f"[{FIRST}]": 0, f'["{SECOND}"]': 1}
Rows: TypeAlias = list[tuple[Any, ...]]


class Prepared:
    """``make`` returns a query of ``values_list`` in which FIRST and SECOND stand for numbers to be given.

    ``by_keys([FIRST])`` and ``by_texts([str(SECOND)])`` stand for any collection of numbers, or of texts.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make

    def rows(self, *given: int | Collection[int] | Collection[str]) -> Rows:
        sql, parameters, convert = self._compiled
        texts = [one if isinstance(one, int) else json.dumps(sorted(one)) for one in given]
        places = [_PLACES.get(one) if isinstance(one, int | str) else None for one in parameters]
        sent = [one if place is None else texts[place] for one, place in zip(parameters, places, strict=True)]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Django's own loader is written in Python: to read the times took longer than the query.
                cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(sql, sent)
            return convert(cursor.fetchall())

    @cached_property
    def _compiled(self) -> tuple[str, tuple[Any, ...], Callable[[Rows], Rows]]:
        compiler = self._make().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        if not converters:
            return sql, tuple(parameters), lambda rows: rows
        return sql, tuple(parameters), lambda rows: [tuple(row) for row in compiler.apply_converters(rows, converters)]
