"""The newest messages: of all, and of a few concentrators that have long been silent while all others sent.

A packed day has no index by time: whoever asks for the newest messages without saying since when has every packed day
sorted first. So they are looked for in a short time before, then in longer ones (:func:`newest_of_all`).

For a page of a company's messages PostgreSQL goes back in time through the messages of all companies. That is right
for a company with many messages; if its few concentrators are silent, it reads everything there is. So the newest
messages of each of them are read by the index of their concentrator, and merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from wakeup.models import Message

#: Each of them is looked up in each partition; with more, one that sends is soon found by time.
FEW = 200

#: How far back they are looked for. An hour of a packed day is read as a whole, however few of its messages are wanted.
BACK = tuple(timedelta(hours=4**n) for n in range(6))  # up to 43 days
_BEGIN = datetime.min.replace(tzinfo=UTC)

MERGED = """
SELECT found.* FROM unnest(%s::int8[]) AS one (id), LATERAL ({of_one}) AS found
ORDER BY found.received_at DESC, found.id DESC LIMIT %s
"""


def newest_of_each(messages: QuerySet[Message], keys: Sequence[int], count: int) -> list[Message]:
    """The first ``count`` of ``messages``, which are in the order of the newest, all of the concentrators ``keys``."""
    of_one = messages.filter(concentrator=RawSQL("one.id", ())).select_related(None)[:count]
    sql, parameters = of_one.query.sql_with_params()
    merged = Message.objects.raw(MERGED.format(of_one=sql), [list(keys), *parameters, count])
    return list(merged.prefetch_related("concentrator"))


def newest_of_all(messages: QuerySet[Message], wanted: slice, before: datetime) -> list[Message]:
    """``messages[wanted]``, which are in the order of the newest; all, or most, were received before that time."""
    if connection.vendor == "postgresql":
        before = before.astimezone(UTC)
        for back in BACK:
            since = before - min(back, before - _BEGIN)
            found = list(messages.filter(received_at__gte=since)[wanted])
            if len(found) == wanted.stop - (wanted.start or 0):
                return found
    return list(messages[wanted])


def can_be_asked_one_by_one(keys: Sequence[int]) -> bool:
    """Whether that is worth it, and known to the database."""
    return connection.vendor == "postgresql" and len(keys) <= FEW
