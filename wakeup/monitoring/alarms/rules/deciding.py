"""All alarms that should stand at a moment, each for one thing that a person has to look at (STA-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wakeup.models.alarms import Priority
from wakeup.models.incidents import IncidentScope
from wakeup.monitoring.alarms.rules.due import Cover, Due, Limits, Overrun, Seen, Span, Undelivered
from wakeup.monitoring.alarms.rules.floods import MOST_SINGLE, NONE, SINGLE, WITHIN, flood_of, wide_of
from wakeup.monitoring.alarms.rules.incidents import alarm_of, flapping_alarm, priority_of
from wakeup.monitoring.alarms.rules.others import overrun_alarm, undecided_alarm, undelivered_alarm


@dataclass(frozen=True)
class Desk:
    """What is known: ``seen`` are the open incidents and those that ended while their place comes and goes.

    ``missed`` ended lately without ever having had an alarm; ``covers`` are alarms that stood for others than their
    own. ``wide`` has the span of each company's alarm of many that stands. None of them is part of another incident.
    """

    seen: Sequence[Seen] = ()
    missed: Sequence[Seen] = ()
    covers: Sequence[Cover] = ()
    wide: Mapping[int, Span] = field(default_factory=dict)
    undecided_since: datetime | None = None
    overruns: Sequence[Overrun] = ()
    undelivered: Sequence[Undelivered] = ()


@dataclass
class Dues:
    """What should stand, by key; what is raised and ended at once; why others do not stand any more."""

    standing: dict[str, Due] = field(default_factory=dict)
    at_once: list[Due] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    def stand(self, dues: Iterable[Due]) -> None:
        self.standing.update((due.key, due) for due in dues)


def alarms_due(desk: Desk, limits: Limits, now: datetime) -> Dues:
    dues = Dues()
    by_company: dict[int | None, list[Seen]] = defaultdict(list)
    for one in desk.seen:
        if one.is_planned:
            dues.reasons[one.key] = "planned"
        else:
            by_company[one.company].append(one)
    for company, seen in by_company.items():
        _decide(company, seen, desk.wide.get(company or 0), dues, limits, now)
    dues.stand(overrun_alarm(one) for one in desk.overruns)
    dues.stand(undelivered_alarm(one, now) for one in desk.undelivered)
    undecided = desk.undecided_since and undecided_alarm(desk.undecided_since, limits, now)
    dues.stand([undecided] if undecided else [])
    dues.at_once += _at_once(desk, limits, now)
    return dues


def _decide(
    company: int | None, seen: Sequence[Seen], standing: Span | None, dues: Dues, limits: Limits, now: datetime
) -> None:
    """Decide on the incidents of one company: wide ones first, then many at once, then each by itself."""
    whole = [one for one in seen if one.scope == IncidentScope.COMPANY and _rings(one, limits, now)]
    held = {one.pk for one in seen if one.scope in SINGLE and _is_held_by(whole, one, now)}
    singles = [one for one in seen if one.scope in SINGLE and one.pk not in held]
    if standing and any(standing.begin <= wide.since + WITHIN for wide in whole):
        standing = None  # it goes over into that one
    flood = NONE if company is None else flood_of(company, singles, standing, limits, now)
    taken_in = held | {one.pk for one in flood.members}
    dues.reasons.update((one.key, "taken in") for one in seen if one.pk in taken_in)
    dues.stand([flood.wide] if flood.wide else [])
    for one in seen:
        if one.pk not in taken_in:
            _stand_alone(one, dues, limits, now)


def _stand_alone(one: Seen, dues: Dues, limits: Limits, now: datetime) -> None:
    if one.is_flapping:
        dues.reasons[one.key] = "flapping"
        dues.stand([flapping_alarm(one)])
    elif _rings(one, limits, now):
        dues.stand([alarm_of(one, priority_of(one, limits))])


def _rings(one: Seen, limits: Limits, now: datetime) -> bool:
    return one.ended_at is None and not one.is_flapping and one.has_lasted(limits.delay, now)


def _is_held_by(whole: Iterable[Seen], one: Seen, now: datetime) -> bool:
    """Whether it waits to be taken into an incident of the whole company: most of those noticed with it soon are."""
    return any(abs(one.since - wide.since) <= WITHIN and now < wide.since + WITHIN for wide in whole)


def _at_once(desk: Desk, limits: Limits, now: datetime) -> Iterator[Due]:
    """Real incidents that were over before anybody saw them: as after the watcher has stood still."""
    missed: dict[int | None, list[Seen]] = defaultdict(list)
    for one in desk.missed:
        is_real = not (one.is_planned or one.is_flapping) and one.has_lasted(limits.delay, now)
        if is_real and not any(cover.holds(one) for cover in desk.covers):
            missed[one.company].append(one)
    for company, ones in missed.items():
        if company is not None and len(ones) > MOST_SINGLE:
            yield wide_of(company, ones, Span(min(one.since for one in ones), max(one.since for one in ones)))
        else:
            yield from (alarm_of(one, Priority.LOW) for one in ones)
