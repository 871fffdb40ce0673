"""The inbox of unknown senders and refused frames: a row for each sender and reason, in bounded places (LIS-6, SEC-2).

Whoever invents serial numbers must not hide a true newcomer. No network has more than its share of the places, and a
newcomer who finds none takes that of the oldest sender that came only once::

    10.60.1.7 has sent 12,000 serial numbers: the newest 500 are listed, 11,500 are counted as StrayFrame.OTHERS
    10.60.2.9 sends one: it is listed

What finds no place, and what has to give way, is counted as OTHERS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import Count

from smmeplus.common.networks import network_around
from wakeup.models import StrayFrame, StrayReason
from wakeup.models.strays import MAX_DETAIL, MAX_OF_NETWORK, MAX_SENDER, MAX_STRAY_SENDERS, Stray

_Key = tuple[str, str]  # reason and sender

_COLUMNS = (
    "reason",
    "sender",
    "detail",
    "first_at",
    "last_at",
    "count",
    "connections",
    "source_ip",
    "network",
    "last_bytes",
    "ignored",
)
# The ORM's upsert can only replace a value, not add to it. Both databases understand this one.
_UPSERT = f"""
    INSERT INTO wakeup_strayframe ({", ".join(_COLUMNS)})
    VALUES ({", ".join(["%s"] * len(_COLUMNS))})
    ON CONFLICT (reason, sender) DO UPDATE SET
        detail = excluded.detail,
        last_at = CASE WHEN excluded.last_at > wakeup_strayframe.last_at
            THEN excluded.last_at ELSE wakeup_strayframe.last_at END,
        count = wakeup_strayframe.count + excluded.count,
        connections = wakeup_strayframe.connections + excluded.connections,
        source_ip = excluded.source_ip,
        network = excluded.network,
        last_bytes = excluded.last_bytes
"""  # noqa: S608 - made of the column names above


def count_strays(strays: Iterable[Stray]) -> None:
    """Add ``strays`` to their senders' rows, within the caller's transaction.

    Several writers may do this at once: all lock rows in the same order, and delete last and without waiting what gives
    way. So there may be a few rows more than there are places, until the next newcomer.
    """
    by_sender = _grouped(strays)
    if not by_sender:
        return
    known = _known(by_sender)
    giving_way: list[StrayFrame] = []
    if len(known) < len(by_sender):  # in a flood of the same senders there is no time to count the rows
        by_sender, giving_way = _placed(by_sender, known)
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [_values_of(by_sender[key]) for key in sorted(by_sender)])
    if giving_way:
        _delete(giving_way)


def _grouped(strays: Iterable[Stray]) -> dict[_Key, Stray]:
    """The strays by reason and sender: the last one of each, with the number of all of them."""
    grouped: dict[_Key, Stray] = {}
    for stray in strays:
        key = (stray.reason.value, stray.sender[:MAX_SENDER])
        before = grouped.get(key)
        grouped[key] = (
            stray
            if before is None
            else replace(
                stray,
                first_at=before.first_at or before.at,
                count=before.count + stray.count,
                connections=before.connections + stray.connections,
            )
        )
    return grouped


def _known(senders: Mapping[_Key, Stray]) -> dict[_Key, int]:
    """The primary keys of those that have a row."""
    rows = StrayFrame.objects.filter(sender__in={sender for _, sender in senders}).values_list("reason", "sender", "pk")
    return {(reason, sender): pk for reason, sender, pk in rows if (reason, sender) in senders}


def _placed(senders: Mapping[_Key, Stray], known: Mapping[_Key, int]) -> tuple[dict[_Key, Stray], list[StrayFrame]]:
    """``senders`` as far as there are places, all others as OTHERS; and the rows that give way."""
    listed = StrayFrame.objects.listed()
    may_go = listed.filter(count=1).exclude(pk__in=list(known.values())).order_by("last_at", "pk")
    in_use = dict(listed.order_by().values_list("network").annotate(Count("pk")))
    giving_way: list[StrayFrame] = []
    new: list[Stray] = []
    for network, strays in _by_network(stray for key, stray in senders.items() if key not in known).items():
        excess = in_use.get(network, 0) + len(strays) - MAX_OF_NETWORK
        gone = list(may_go.filter(network=network)[: max(0, excess)])
        giving_way += gone
        new += strays[max(0, excess - len(gone)) :]
    excess = sum(in_use.values()) - len(giving_way) + len(new) - MAX_STRAY_SENDERS
    gone = list(may_go.exclude(pk__in=[row.pk for row in giving_way])[: max(0, excess)])
    new = sorted(new, key=attrgetter("at"))[max(0, excess - len(gone)) :]
    giving_way += gone
    places = {(stray.reason.value, stray.sender[:MAX_SENDER]) for stray in new} | known.keys()
    without = [replace(stray, sender=StrayFrame.OTHERS) for key, stray in senders.items() if key not in places]
    with_place = [stray for key, stray in senders.items() if key in places]
    return _grouped([*map(_as_other, giving_way), *without, *with_place]), giving_way


def _by_network(strays: Iterable[Stray]) -> dict[str, list[Stray]]:
    """The oldest of each network first."""
    by_network: defaultdict[str, list[Stray]] = defaultdict(list)
    for stray in sorted(strays, key=attrgetter("at")):
        by_network[network_around(stray.source_ip)].append(stray)
    return by_network


def _as_other(row: StrayFrame) -> Stray:
    return Stray(
        StrayReason(row.reason),
        StrayFrame.OTHERS,
        row.last_at,
        row.source_ip,
        bytes(row.last_bytes),
        row.detail,
        row.count,
        row.first_at,
        row.connections,
    )


def _delete(rows: Iterable[StrayFrame]) -> None:
    """Delete ``rows``, unless they have come again meanwhile or another writer is at them."""
    still = StrayFrame.objects.filter(pk__in=[row.pk for row in rows], count=1).select_for_update(skip_locked=True)
    StrayFrame.objects.filter(pk__in=list(still.values_list("pk", flat=True))).delete()


def _values_of(stray: Stray) -> list[Any]:
    row = StrayFrame(
        reason=stray.reason.value,
        sender=stray.sender[:MAX_SENDER],
        detail=stray.detail[:MAX_DETAIL],
        first_at=stray.first_at or stray.at,
        last_at=stray.at,
        count=stray.count,
        connections=stray.connections,
        source_ip=stray.source_ip,
        network=network_around(stray.source_ip),
        last_bytes=stray.raw,
    )
    fields = {field.name: field for field in StrayFrame._meta.fields}
    return [fields[name].get_db_prep_save(getattr(row, name), connection) for name in _COLUMNS]
