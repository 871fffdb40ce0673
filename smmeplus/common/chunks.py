from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db import connection
from django.db.models import Q
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
    """A subquery of thousands of ``keys``, sent as one parameter: one for each costs more than the query."""
    return RawSQL(_KEYS[connection.vendor], [json.dumps(list(keys))])  # noqa: S611 - constant


def in_keys(keys: Collection[int], path: str = "pk") -> Q:
    """Whether ``path`` is one of thousands of ``keys``, all different. Those of new rows have no gaps: a range."""
    if keys and max(keys) - min(keys) == len(keys) - 1:
        return Q(**{f"{path}__gte": min(keys), f"{path}__lte": max(keys)})
    return Q(**{f"{path}__in": by_keys(keys)})
