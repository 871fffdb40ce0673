from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db import connection
from django.db.models.expressions import RawSQL

T = TypeVar("T")
_KEYS = {
    "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s)",
    "sqlite": "SELECT value FROM json_each(%s)",
}


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """``items`` in lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def by_keys(keys: Iterable[int]) -> RawSQL:
    """What a filter ``pk__in`` takes for thousands of ``keys``: one parameter. One for each costs more than the query.

    Not for an ``exclude``.
    """
    return RawSQL(_KEYS[connection.vendor], [json.dumps(list(keys))])  # noqa: S611 - constant
