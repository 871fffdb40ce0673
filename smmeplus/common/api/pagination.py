"""Pages by cursor: the next page is found through the index of the order, however deep it is.

New rows never make a page repeat or skip a row, and rows are not counted. DRF's own cursor stores the first column of
the order and an offset of at most 1,000 within equal values; a day of wake-ups has 400,000.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core import signing
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from smmeplus.common.api.exports import AS, CSV, JSON

Order = tuple[str, ...]
DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000


class CursorPages(BasePagination):
    """Pages in the view's ``order``: names of columns, unique together, all ascending or all with ``-``."""

    parameters = ("cursor", "limit")
    most, default = MAX_LIMIT, DEFAULT_LIMIT
    #: The values, in the view's order, of the row after which the page begins; none on the first page.
    after: list[Any]

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        limit, cursor = (
            read_limit(request.query_params.get("limit"), self.most, self.default),
            request.query_params.get("cursor"),
        )
        place = _Place(view.order, f"{type(view).__name__} by {' '.join(view.order)}")
        rows = queryset.order_by(*view.order)
        self.after = place.values_of(cursor, rows.model) if cursor else []
        if self.after:
            rows = place.after(rows, self.after)
        found: list[Any] = view.fetch(rows, limit + 1)
        self.next = None
        if len(found) > limit:
            self.next = replace_query_param(request.build_absolute_uri(), "cursor", place.cursor_of(found[limit - 1]))
        return found[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {
            "type": "string",
            "format": "uri",
            "nullable": True,
            "description": "The next page; null on the last one.",
        }
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": self.most, "default": self.default}
        forms = {"type": "string", "enum": [JSON, CSV]}
        said = "`csv` gives all rows as one file, as `Accept: text/csv` does; without `cursor` and `limit`."
        return [
            *([_parameter(AS, said, forms)] if view.exports else ()),
            _parameter("cursor", "Where the page begins: part of the address in `next`.", {"type": "string"}),
            _parameter("limit", "Rows on a page.", limit),
        ]


class _Row(Func):
    """Values side by side, which a database compares from left to right."""

    template = "(%(expressions)s)"
    output_field = BooleanField()  # of no meaning: rows are only compared


class _Place:
    """Between two rows of a list in ``order``; its cursors are good for the list called ``salt`` alone."""

    def __init__(self, order: Order, salt: str) -> None:
        self._names = [name.removeprefix("-") for name in order]
        self._compare = LessThan if order[0].startswith("-") else GreaterThan
        self._salt = f"cursor of {salt}"

    def cursor_of(self, row: Model) -> str:
        """The cursor after ``row``. It is signed, so its values need no checks when it comes back."""
        return signing.dumps([_plain(getattr(row, name)) for name in self._names], salt=self._salt)

    def values_of(self, cursor: str, model: type[Model]) -> list[Any]:
        """Those of the row before the page. Raises ValidationError for a cursor that we have not signed."""
        try:
            values: list[Any] = signing.loads(cursor, salt=self._salt)
        except signing.BadSignature as error:
            raise ValidationError({"cursor": _("Not a cursor of this list; take it from “next”.")}) from error
        fields: list[Any] = [model._meta.get_field(name) for name in self._names]
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]

    def after(self, rows: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
        """Those of ``rows`` after the one with these values."""
        return rows.filter(self._compare(_Row(*map(F, self._names)), _Row(*map(Value, values))))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def read_limit(text: str | None, most: int = MAX_LIMIT, default: int = DEFAULT_LIMIT) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most:
        return int(text)
    raise ValidationError({"limit": _("A whole number from 1 to %(most)d.") % {"most": most}})


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
