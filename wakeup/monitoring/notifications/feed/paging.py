"""Pages of the feed: like those of other lists, with a cursor after the last page, too (API-3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from smmeplus.common.api.pagination import CursorPages, read_limit
from wakeup.models import FeedEvent
from wakeup.monitoring.notifications.feed.cursors import Cursor
from wakeup.monitoring.notifications.feed.reading import GoneError, Part, newest, read_after

NEWEST: Final = "newest"


class CursorGoneError(APIException):
    """What came after the cursor is not kept any more, or has never been."""

    status_code = HTTPStatus.GONE
    default_detail = _l(
        "Not all events after this cursor are kept. Read from the lists how things are, and go on with cursor=newest."
    )
    default_code = "cursor_gone"


class FeedPages(CursorPages):
    """Of more events than other lists have rows on a page: a consumer that was away has much to read."""

    most, default = 10_000, 1_000

    def paginate_queryset(self, queryset: QuerySet[FeedEvent], request: Request, view: Any = None) -> list[Any]:  # noqa: ARG002
        limit = read_limit(request.query_params.get("limit"), self.most, self.default)
        part = _part(queryset, request.query_params.get("cursor"), limit)
        self.cursor = str(part.after)
        again = replace_query_param(request.build_absolute_uri(), "cursor", self.cursor)
        self.next = None if part.is_last else again
        return list(part.bodies)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = super().get_paginated_response_schema(schema)
        cursor = {"type": "string", "description": "Where to go on, now or later; it can be kept."}
        properties = found["properties"]
        properties["next"]["description"] = "The next page; null if all that has been published was read."
        return {
            **found,
            "required": ["next", "cursor", "results"],
            "properties": {"next": properties["next"], "cursor": cursor, "results": schema},
        }


def _part(events: QuerySet[FeedEvent], cursor: str | None, limit: int) -> Part:
    if cursor == NEWEST:
        return Part((), newest(), is_last=True)
    place = Cursor.read(cursor) if cursor else None
    if cursor and place is None:
        raise ValidationError({"cursor": _("Not a cursor of this list; take it from “cursor” or “next”.")})
    try:
        return read_after(place, events, limit)
    except GoneError:
        raise CursorGoneError from None
