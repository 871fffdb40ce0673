"""Further pages of a list that grows meanwhile: they show the rows that its first page was taken from.

A new row, which may stand anywhere in the order, would otherwise move every later row by one place: to the next page,
which then repeats one. So the links between pages carry the time of the first page. That time holds for an hour,
so that no bookmark hides new rows for ever. The first page always shows what there is now.

A row is new if it began after that time: a concentrator with its installation, a total or a day with its first
wake-up. Only new rows are kept out. Where rows are sorted by something that changes, such as the last wake-up, they do
change places.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import QueryDict

PARAMETER = "asof"
LIFETIME = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DIGITS = 17


def snapshot_of(query: QueryDict, now: datetime) -> datetime | None:
    """The time that the page which ``query`` asks for goes back to; None for the first and after an hour."""
    text = query.get(PARAMETER, "")
    if query.get("page", "") in ("", "1") or not (text.isascii() and text.isdecimal() and len(text) < DIGITS):
        return None
    taken_at = EPOCH + int(text) * MICROSECOND
    return taken_at if now - LIFETIME <= taken_at <= now else None


def with_snapshot(query: QueryDict, taken_at: datetime) -> QueryDict:
    """``query`` for links to further pages of what was there at ``taken_at``."""
    changed = query.copy()
    changed[PARAMETER] = str((taken_at - EPOCH) // MICROSECOND)
    return changed
