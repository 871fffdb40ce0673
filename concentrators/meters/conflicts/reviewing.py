"""Conflicts that time alone changes, and those of concentrators that were removed (MET-5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from concentrators.meters.conflicts.settling import settle
from concentrators.meters.storing import hold_meters, recount, tallied
from concentrators.models import Company, Meter, MeterConflict, Sighting, State
from smmeplus.common.chunks import in_chunks, in_keys

_AT_ONCE: Final = 500


def review(now: datetime) -> int:
    """Judge those again whose time has come; how many. In transactions of its own, so others need not wait for all.

    Any number of processes may: whoever comes second finds nothing to change.
    """
    done = 0
    while meters := _due(now):
        _settle(meters, now)
        done += len(meters)
    return done


def _due(now: datetime) -> list[int]:
    due = MeterConflict.objects.open().filter(review_at__lte=now).order_by("review_at", "pk")
    return list(due.values_list("meter", flat=True)[:_AT_ONCE])


def let_go_of_removed(now: datetime) -> int:
    """Judge the conflicts with concentrators that are removed by now; how many there were.

    A removal is noticed by the next list that has the meter, too. This is for meters of which no list comes any more.
    """
    companies = list(Company.objects.order_by().values_list("pk", flat=True))  # by which the states have an index
    at_removed = Sighting.objects.filter(
        concentrator__company__in=companies,
        concentrator__state=State.REMOVED,
        in_list=True,
    )
    meters = MeterConflict.objects.open().filter(meter__in=at_removed.values("meter")).order_by("meter")
    keys = list(meters.values_list("meter", flat=True))
    for some in in_chunks(keys, _AT_ONCE):
        _settle(some, now)
    return len(keys)


def _settle(meters: Collection[int], now: datetime) -> None:
    """As lists do, with the meters of the companies held: a list may hold some of these, and wait for others."""
    with transaction.atomic():
        companies = Meter.objects.filter(in_keys(meters)).order_by().values_list("company", flat=True)
        hold_meters(set(companies))
        with tallied(meters):
            changed = settle(meters, now)
        recount(changed)
