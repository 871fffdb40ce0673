"""Many incidents of a company at once are one alarm (STA-9): nobody reads forty, and nobody sees the forty-first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import IncidentScope
from wakeup.monitoring.alarms.rules.due import Due, Limits, Seen, Span

#: More than so many incidents of a company that were noticed within ``WITHIN`` and are open make a flood.
MOST_SINGLE: Final = 5
WITHIN: Final = timedelta(minutes=10)
#: The places that one alarm of many names.
MOST_NAMED: Final = 5
SINGLE: Final = (IncidentScope.FEEDER, IncidentScope.SUBSTATION)


class Flood(NamedTuple):
    """The alarm that stands for ``members``, which get none of their own; ``wide`` is None while it is not due yet."""

    members: Sequence[Seen]
    wide: Due | None


NONE: Final = Flood((), None)


def flood_of(company: int, singles: Sequence[Seen], standing: Span | None, limits: Limits, now: datetime) -> Flood:
    """The flood among ``singles``, the open incidents of places of ``company``.

    ``standing`` is the span of the alarm that stands already: it stands until all that it stood for are over, so that
    those that are left do not ring one by one.
    """
    span = _joined(standing, flood_span(one.since for one in singles))
    members = [one for one in singles if span and span.holds(one.since)]
    if not members or span is None:
        return NONE
    is_due = standing is not None or any(one.has_lasted(limits.delay, now) for one in members)
    return Flood(members, wide_of(company, members, span) if is_due else None)


def flood_span(noticed: Iterable[datetime]) -> Span | None:
    """From the first to the last of all that were noticed together with more than MOST_SINGLE within WITHIN."""
    times = sorted(noticed)
    floods = [Span(*pair) for pair in zip(times, times[MOST_SINGLE:], strict=False) if pair[1] - pair[0] <= WITHIN]
    return Span(floods[0].begin, floods[-1].end) if floods else None


def _joined(standing: Span | None, found: Span | None) -> Span | None:
    if standing is None or found is None:
        return standing or found
    return Span(min(standing.begin, found.begin), max(standing.end, found.end))


def wide_of(company: int, members: Sequence[Seen], span: Span) -> Due:
    places = Counter(one.substation or one.place for one in members)
    named = [place for place, _number in sorted(places.items(), key=lambda item: (-item[1], item[0]))]
    return Due(
        key=f"wide {company}",
        kind=AlarmKind.WIDE,
        priority=Priority.HIGH,
        began_at=min(one.began_at for one in members),
        company=company,
        facts={
            "incidents": len(members),
            "places": named[:MOST_NAMED],
            "more_places": max(len(named) - MOST_NAMED, 0),
            "dark": sum(one.dark for one in members),
            "customers": sum(one.customers for one in members),
            "from": span.begin.isoformat(),
            "until": span.end.isoformat(),
        },
    )
