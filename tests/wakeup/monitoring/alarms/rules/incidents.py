"""Incidents as the rules of alarms see them, and a desk that is run over time without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wakeup.models.alarms import Priority
from wakeup.models.incidents import CauseClass, IncidentScope
from wakeup.monitoring.alarms.rules import Desk, Due, Limits, alarms_due
from wakeup.monitoring.alarms.rules.due import Cover, Seen, Span
from wakeup.monitoring.alarms.rules.floods import WITHIN
from wakeup.monitoring.alarms.rules.planning import plan

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
LIMITS = Limits()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def feeder(pk: int, noticed: datetime = NOON, **values: Any) -> Seen:
    """A power outage of a feeder of company 1 with 100 customers, noticed as it began."""
    made = Seen(
        pk=pk,
        company=1,
        scope=IncidentScope.FEEDER,
        cause=CauseClass.POWER,
        place=f"S{pk % 3} · F{pk}",
        substation=f"S{pk % 3}",
        began_at=noticed,
        since=noticed,
        members=10,
        dark=10,
        customers=100,
    )
    return replace(made, **values)


def whole(pk: int, noticed: datetime = NOON, **values: Any) -> Seen:
    """One of all of company 1."""
    return feeder(pk, noticed, **{"scope": IncidentScope.COMPANY, "place": "Chile", "substation": "", **values})


@dataclass
class Standing:
    due: Due
    raised_at: datetime
    ended_at: datetime | None = None


@dataclass
class Book:
    """The alarms of a company over time, kept as :func:`..raising.raise_alarms` keeps them in its table."""

    limits: Limits = LIMITS
    alarms: list[Standing] = field(default_factory=list)

    @property
    def open(self) -> dict[str, Standing]:
        return {one.due.key: one for one in self.alarms if one.ended_at is None}

    def follow(self, incidents: Iterable[Seen], now: datetime) -> None:
        """``incidents`` are all that were noticed by ``now``; those of the future are none yet."""
        known = [one for one in incidents if one.since <= now]
        ended = [replace(one, ended_at=None) if one.ended_at and one.ended_at > now else one for one in known]
        standing = self.open
        had = {alarm.due.incident for alarm in self.alarms}
        desk = Desk(
            seen=[one for one in ended if one.ended_at is None or one.is_flapping],
            missed=[one for one in ended if one.ended_at is not None and one.pk not in had],
            covers=[cover for alarm in self.alarms for cover in _covers(alarm, ended)],
            wide={1: _span(standing["wide 1"].due)} if "wide 1" in standing else {},
        )
        dues = alarms_due(desk, self.limits, now)
        todo = plan({key: one.due.kind for key, one in standing.items()}, dues)
        for key, _reason in todo.ended:
            standing[key].ended_at = now
        for key, due in todo.moved:
            spans = {name: standing[key].due.facts[name] for name in ("from", "until")}
            standing[key].due = replace(due, facts={**due.facts, **spans})
        for due in todo.kept:
            standing[due.key].due = replace(due, facts={**standing[due.key].due.facts, **due.facts})
        self.alarms += [Standing(due, now) for due in todo.raised]
        self.alarms += [Standing(due, now, now) for due in dues.at_once]

    def priorities(self) -> dict[Priority, int]:
        return {level: sum(one.due.priority == level for one in self.alarms) for level in Priority}


def _span(due: Due) -> Span:
    return Span(datetime.fromisoformat(due.facts["from"]), datetime.fromisoformat(due.facts["until"]))


def _covers(alarm: Standing, incidents: Iterable[Seen]) -> Iterable[Cover]:
    if "until" in alarm.due.facts:
        yield Cover(1, None, _span(alarm.due))
    for one in incidents:
        if one.pk == alarm.due.incident and one.scope == IncidentScope.COMPANY:
            yield Cover(1, None, Span(one.since - WITHIN, one.since + WITHIN))
