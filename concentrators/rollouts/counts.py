"""How far roll-outs are: numbers of their members by outcome (CFG-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from concentrators.models import UNSETTLED, Outcome, RollOut, RollOutMember, RollOutState

#: Columns of a list, in exports and in the API.
COLUMNS: Mapping[str, tuple[Outcome, ...]] = {
    "open_count": UNSETTLED,
    "confirmed_count": (Outcome.CONFIRMED,),
    "failed_count": (Outcome.FAILED,),
    "dropped_count": (Outcome.CANCELLED, Outcome.OVERTAKEN),
}


def with_counts(roll_outs: QuerySet[RollOut]) -> QuerySet[Any]:
    return roll_outs.annotate(**{name: _number(outcomes) for name, outcomes in COLUMNS.items()})


def _number(outcomes: tuple[Outcome, ...]) -> Coalesce:
    mine = RollOutMember.objects.filter(roll_out=OuterRef("pk"), outcome__in=outcomes).order_by().values("roll_out")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


@dataclass(slots=True)
class Wave:
    """A wave with its number of members by outcome."""

    number: int
    is_released: bool
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def size(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.size - sum(self.counts[outcome] for outcome in UNSETTLED)

    @property
    def cells(self) -> list[tuple[Outcome, int]]:
        return [*self.counts.items()]


def waves_of(one: RollOut) -> list[Wave]:
    """All waves with members, by one query."""
    waves = {number: Wave(number, number <= one.current_wave) for number in range(1, one.waves + 1)}
    rows = one.members.order_by().values_list("wave", "outcome").annotate(n=Count("pk"))
    for number, outcome, count in rows:
        waves[number].counts[Outcome(outcome)] = count
    return [wave for wave in waves.values() if wave.size]


def why(one: RollOut) -> str:
    """Why it is in its state, as far as there is more to say."""
    if one.state == RollOutState.HALTED:
        words = {"wave": one.current_wave, "failed": one.halted_by, "size": one.halted_of}
        return _("Of the %(size)s concentrators of wave %(wave)s %(failed)s failed.") % words + " " + _share(one)
    if one.state == RollOutState.RUNNING and not one.is_open and one.procedure.begin_hour:
        hours = {"begin": f"{one.procedure.begin_hour:%H:%M}", "end": f"{one.procedure.end_hour:%H:%M}"}
        said = _("Writes begin between %(begin)s and %(end)s in the time zone of the company.")
        return said % hours
    return ""


def _share(one: RollOut) -> str:
    return _("The procedure profile halts above %(percent)s %%.") % {"percent": one.procedure.halt_percent}
