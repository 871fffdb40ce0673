"""Lists of the API whose rows no single query has, such as sums of each company and day.

Their keys are known beforehand; the figures are asked for of the keys of a page alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from smmeplus.common.api.pagination import CursorPages, read_limit
from smmeplus.common.api.resources import ReadOnlyListViewSet

#: Numbers. Rows come in their ascending order.
Key = tuple[int, ...]


class KeyPages(CursorPages):
    """Pages of a ComputedList."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        limit, cursor = read_limit(request.query_params.get("limit")), request.query_params.get("cursor")
        salt = f"cursor of {type(view).__name__}"
        keys = sorted(view.keys(queryset))
        if cursor:
            last = _read(cursor, salt)
            keys = [key for key in keys if key > last]
        page = keys[:limit]
        self.next = None
        if len(keys) > limit:
            following = signing.dumps(list(page[-1]), salt=salt)
            self.next = replace_query_param(request.build_absolute_uri(), "cursor", following)
        found: list[Any] = view.rows(page) if page else []
        return found


def _read(cursor: str, salt: str) -> Key:
    try:
        return tuple(signing.loads(cursor, salt=salt))
    except signing.BadSignature as error:
        raise ValidationError({"cursor": _("Not a cursor of this list; take it from “next”.")}) from error


class ComputedList(ReadOnlyListViewSet):
    pagination_class = KeyPages

    def keys(self, queryset: QuerySet[Any]) -> list[Key]:
        """Of all rows, of what the filters have left of ``queryset``."""
        raise NotImplementedError

    def rows(self, keys: Sequence[Key]) -> list[Any]:
        """One for each of ``keys``, in their order."""
        raise NotImplementedError
