"""Reads the feed from a place on, none skipped and none twice, however many are published meanwhile (API-3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.notifications.feed.cursors import Cursor

#: Events that are looked at for one page: of a company with few among many, a page may be short or empty.
WINDOW: Final = 100_000


class GoneError(Exception):
    """Events after the cursor are not kept any more, or it is of another past than this database's."""


class Part(NamedTuple):
    """Events as JSON, oldest first, and the place after them; ``is_last`` if no more had been published."""

    bodies: Sequence[str]
    after: Cursor
    is_last: bool


def read_after(cursor: Cursor | None, events: QuerySet[FeedEvent], limit: int) -> Part:
    """Up to ``limit`` of ``events`` after ``cursor``, or from the oldest that is kept. Raises GoneError.

    The last number is read first: what has a lower one is committed. What is deleted is noted in the transaction that
    deletes it, so that is read last.
    """
    last = _progress().number
    begin = cursor or Cursor(_progress().pruned, "0" * 8)
    until = min(last, begin.number + WINDOW)
    rows = events.filter(number__gt=begin.number, number__lte=until).order_by("number")
    found = list(rows.values_list("number", "uid", "body")[: limit + 1])
    if cursor is not None:
        _check(cursor, last)
    bodies = [body for _number, _uid, body in found[:limit]]
    if len(found) > limit:
        number, uid, _body = found[limit - 1]
        return Part(bodies, Cursor.at(number, uid), is_last=False)
    end = max(until, begin.number)
    return Part(bodies, begin if end == begin.number else Cursor.at(end, _uid_of(end)), is_last=until == last)


def newest() -> Cursor:
    """The place after all that has been published."""
    last = _progress().number
    return Cursor.at(last, _uid_of(last))


def _check(cursor: Cursor, last: int) -> None:
    if not _progress().pruned <= cursor.number <= last or not cursor.is_of(_uid_of(cursor.number)):
        raise GoneError


def _progress() -> FeedProgress:
    return FeedProgress.objects.only("number", "pruned").first() or FeedProgress()


def _uid_of(number: int) -> UUID | None:
    return FeedEvent.objects.filter(number=number).values_list("uid", flat=True).first()
