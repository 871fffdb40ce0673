"""Whose fault it is that concentrators fall silent, by evidence and never by a share alone (STA-4).

A share alone would hide a national blackout: when the whole country goes dark, the whole fleet falls, and it is not our
side. Canaries tell the two apart. They send once a minute through the whole way::

    canaries arrive, the fleet falls                        field
    canaries without a carrier fail, and nothing arrives    our side
    the canaries of one carrier alone fail                  that carrier
    no canary, or those of carriers alone and all fail      undecided

These functions are pure: ``Evidence`` holds all that a verdict follows from, at one moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _l

from wakeup.models.verdicts import Cause

CANARY_FAILS_AFTER: Final = timedelta(seconds=150)
LEAST_FALLEN: Final = 3  # concentrators


class Sign(models.TextChoices):
    """One piece of evidence; ``Finding.names`` and ``Finding.number`` say of what and how many."""

    NO_LISTENER = "no listener", _l("no listener runs")
    DATABASE = "database", _l("the database takes nothing")
    NO_CANARY = "no canary", _l("there is no canary")
    CANARIES_ARRIVE = "canaries arrive", _l("canaries arrive")
    CANARIES_FAIL = "canaries fail", _l("canaries fail")
    GASPS_ARRIVE = "gasps arrive", _l("last gasps arrive")
    FLEET_FALLS = "fleet falls", _l("concentrators are unreachable")
    FLEET_STANDS = "fleet stands", _l("hardly any concentrator is unreachable")
    HEARD = "heard", _l("concentrators that were due were heard")
    BEGAN_IN_FIELD = "began in field", _l("it began in the field, and those are still unreachable")


class Finding(NamedTuple):
    sign: Sign
    names: tuple[str, ...] = ()
    number: int = 0
    of: int = 0

    def as_json(self) -> dict[str, object]:
        return self._asdict() | {"names": list(self.names)}


class Canary(NamedTuple):
    """``carrier`` is empty for one that hangs on none; ``heard_at`` is None for one that was never heard."""

    name: str
    carrier: str
    heard_at: datetime | None


class Place(NamedTuple):
    """Where a concentrator is, each empty if unknown."""

    carrier: str
    region: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some concentrators in field of which wake-ups are expected: all of them, a carrier's or a region's.

    ``due`` and ``heard`` are about the time since the canaries that matter here have failed: how many of these
    concentrators had a wake-up due since then, and how many of those were heard.
    """

    size: int = 0
    unreachable: int = 0
    due: int = 0
    heard: int = 0

    def falls(self, share: float) -> bool:
        return self.unreachable >= LEAST_FALLEN and self.unreachable >= share * self.size

    @property
    def is_heard(self) -> bool:
        return self.due > 0 and 2 * self.heard >= self.due

    def without(self, others: Sequence[Part]) -> Part:
        size = self.size - sum(other.size for other in others)
        return Part(size, self.unreachable - sum(other.unreachable for other in others))


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the verdicts at ``now`` follow from.

    ``gasps`` says of each carrier ("" for unknown) when the last gasp came in. It proves the way of its carrier, and
    nothing about the way that canaries take to our side: gasps come by UDP, canaries by TCP. ``before`` are the causes
    of a minute ago, by carrier, and that of all under "". ``share`` is how much of a part has to be unreachable for it
    to fall.
    """

    now: datetime
    listeners: int
    takes: bool  # whether the database takes messages
    canaries: Sequence[Canary] = ()
    fleet: Part = Part()
    carriers: Mapping[str, Part] = field(default_factory=dict)
    regions: Mapping[str, Part] = field(default_factory=dict)
    places: Mapping[Place, Part] = field(default_factory=dict)
    gasps: Mapping[str, datetime] = field(default_factory=dict)
    before: Mapping[str, Cause] = field(default_factory=dict)
    share: float = 0.2

    def is_recent(self, at: datetime | None) -> bool:
        return at is not None and self.now - at <= CANARY_FAILS_AFTER

    def arriving(self, canaries: Sequence[Canary]) -> list[Canary]:
        return [canary for canary in canaries if self.is_recent(canary.heard_at)]

    def of_carrier(self, carrier: str) -> list[Canary]:
        return [canary for canary in self.canaries if canary.carrier == carrier]

    @property
    def failing_carriers(self) -> list[str]:
        """Those with canaries of which none arrives, and no last gasp either."""
        with_canaries = sorted({canary.carrier for canary in self.canaries} - {""})
        return [name for name in with_canaries if not self.is_open(name)]

    def is_open(self, carrier: str) -> bool:
        """Whether something that has just come in proves that the way by ``carrier`` is open."""
        return bool(self.arriving(self.of_carrier(carrier))) or self.is_recent(self.gasps.get(carrier))

    def silent_since(self, canaries: Sequence[Canary]) -> datetime | None:
        """When the last of ``canaries`` was heard, if all of them fail."""
        times = [canary.heard_at for canary in canaries if canary.heard_at is not None]
        return None if not times or self.arriving(canaries) else max(times)

    @property
    def is_any_way_open(self) -> bool:
        return bool(self.arriving(self.canaries))

    def falls_for(self, carrier: str) -> bool:
        """Whether the concentrators of ``carrier`` fall, or those in some region: as for the whole fleet."""
        in_regions = [part for place, part in self.places.items() if place.carrier == carrier and place.region]
        return any(part.falls(self.share) for part in (self.carriers.get(carrier, Part()), *in_regions))


class Verdict(NamedTuple):
    """A cause with the evidence for it and what speaks against it; ``carriers`` are named where they are the cause."""

    cause: Cause
    carriers: tuple[str, ...] = ()
    evidence: tuple[Finding, ...] = ()
    against: tuple[Finding, ...] = ()


def verdict_on_all(evidence: Evidence) -> Verdict:
    """Whose fault it is for the whole fleet."""
    out_of_order = _out_of_order(evidence)
    if out_of_order:
        return Verdict(Cause.OUR_SIDE, (), out_of_order, _arrivals(evidence, evidence.canaries))
    if not evidence.canaries:
        return Verdict(
            Cause.UNDECIDED, (), (Finding(Sign.NO_CANARY), _fall(evidence)), _arrivals(evidence, evidence.canaries)
        )
    if evidence.is_any_way_open:
        return _while_a_way_is_open(evidence)
    return _while_nothing_arrives(evidence, "", evidence.fleet, _cause_without_a_way(evidence))


def verdict_on_carrier(evidence: Evidence, carrier: str, of_all: Verdict) -> Verdict:
    """Whose fault it is for the concentrators of ``carrier``, given the verdict on all at the same time."""
    part = evidence.carriers.get(carrier, Part())
    falls, canaries = evidence.falls_for(carrier), evidence.of_carrier(carrier)
    if of_all.cause == Cause.OUR_SIDE:
        return of_all
    if evidence.is_open(carrier):
        return Verdict(Cause.FIELD if falls else Cause.OK, (), (*_arrivals(evidence, canaries), _of_part(part, falls)))
    if canaries:
        cause = Cause.UNDECIDED if of_all.cause == Cause.UNDECIDED else Cause.CARRIER
        return _while_nothing_arrives(evidence, carrier, part, cause)
    if of_all.cause == Cause.FIELD and falls:
        return Verdict(Cause.FIELD, (), (_of_part(part, falls),), (Finding(Sign.NO_CANARY, (carrier,)),))
    is_open_question = falls or of_all.cause == Cause.UNDECIDED
    cause = Cause.UNDECIDED if is_open_question else Cause.OK
    return Verdict(cause, (), (Finding(Sign.NO_CANARY, (carrier,)), _of_part(part, falls)))


def _out_of_order(evidence: Evidence) -> tuple[Finding, ...]:
    """What of ours does not work, for sure."""
    found = []
    if not evidence.listeners:
        found.append(Finding(Sign.NO_LISTENER))
    if not evidence.takes:
        found.append(Finding(Sign.DATABASE))
    return tuple(found)


def _while_a_way_is_open(evidence: Evidence) -> Verdict:
    """Something arrives, so it is not our side; a carrier is to blame if all that falls hangs on it."""
    arrivals, silent = _arrivals(evidence, evidence.canaries), _silent(evidence, evidence.canaries)
    fall, falls = _fall(evidence), _fleet_falls(evidence)
    if falls and evidence.before.get("") == Cause.FIELD:
        return Verdict(Cause.FIELD, (), (*arrivals, fall), silent)
    failing = [name for name in evidence.failing_carriers if _is_to_blame(evidence, name)]
    rest = evidence.fleet.without([evidence.carriers.get(name, Part()) for name in failing])
    if failing and not rest.falls(evidence.share):
        return Verdict(Cause.CARRIER, tuple(failing), (*silent, *arrivals))
    return Verdict(Cause.FIELD if falls else Cause.OK, (), (*arrivals, fall), silent)


def _is_to_blame(evidence: Evidence, carrier: str) -> bool:
    part = evidence.carriers.get(carrier, Part())
    return _while_nothing_arrives(evidence, carrier, part, Cause.CARRIER).cause == Cause.CARRIER


def _while_nothing_arrives(evidence: Evidence, scope: str, part: Part, otherwise: Cause) -> Verdict:
    """The canaries of ``scope`` fail: they alone, or what began in the field, or else ``otherwise``."""
    canaries = evidence.of_carrier(scope) if scope else evidence.canaries
    silent, falls = _silent(evidence, canaries), part.falls(evidence.share)
    if evidence.before.get(scope) == Cause.FIELD and falls:
        return Verdict(Cause.FIELD, (), (Finding(Sign.BEGAN_IN_FIELD), _of_part(part, falls)), silent)
    if part.is_heard:
        return Verdict(Cause.CANARY_AWAY, (), (*silent, Finding(Sign.HEARD, (), part.heard, part.due)))
    carriers = (scope,) if otherwise == Cause.CARRIER else ()
    heard = (Finding(Sign.HEARD, (), part.heard, part.due),) if part.heard else ()
    return Verdict(otherwise, carriers, (*silent, _of_part(part, falls)), (*heard, *_gasps(evidence)))


def _cause_without_a_way(evidence: Evidence) -> Cause:
    """Canaries of carriers alone cannot tell our side from all carriers at once."""
    return Cause.OUR_SIDE if evidence.of_carrier("") else Cause.UNDECIDED


def _fleet_falls(evidence: Evidence) -> bool:
    return any(part.falls(evidence.share) for part in (evidence.fleet, *evidence.regions.values()))


def _fall(evidence: Evidence) -> Finding:
    regions = tuple(sorted(name for name, part in evidence.regions.items() if part.falls(evidence.share)))
    return _of_part(evidence.fleet, _fleet_falls(evidence))._replace(names=regions)


def _of_part(part: Part, falls: bool) -> Finding:
    return Finding(Sign.FLEET_FALLS if falls else Sign.FLEET_STANDS, (), part.unreachable, part.size)


def _silent(evidence: Evidence, canaries: Sequence[Canary]) -> tuple[Finding, ...]:
    silent = tuple(canary.name for canary in canaries if not evidence.is_recent(canary.heard_at))
    return (Finding(Sign.CANARIES_FAIL, silent, len(silent), len(canaries)),) if silent else ()


def _arrivals(evidence: Evidence, canaries: Sequence[Canary]) -> tuple[Finding, ...]:
    arriving = tuple(canary.name for canary in evidence.arriving(canaries))
    found = (Finding(Sign.CANARIES_ARRIVE, arriving, len(arriving), len(canaries)),) if arriving else ()
    return (*found, *_gasps(evidence))


def _gasps(evidence: Evidence) -> tuple[Finding, ...]:
    carriers = tuple(sorted(name for name, at in evidence.gasps.items() if evidence.is_recent(at)))
    return (Finding(Sign.GASPS_ARRIVE, carriers, len(carriers)),) if carriers else ()
