"""What a choice comes to at this moment, by one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from concentrators.models import Concentrator
from profiles.models import SpontaneousProfile

MOST_NAMED = 20


@dataclass(frozen=True)
class Sums:
    """How many are chosen, how many of them have the profile already, a seal, and the first serial numbers.

    The seal is another one as soon as a concentrator comes, goes, or is given another profile. It is compared to find
    out whether what was asked still holds, even if the number does.
    """

    count: int
    same: int
    seal: str
    first: tuple[str, ...]

    @property
    def changing(self) -> int:
        return self.count - self.same

    @property
    def more(self) -> int:
        return self.count - len(self.first)


def sums_of(chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None) -> Sums:
    in_order = chosen.order_by("serial_number").annotate(sums=_sums(chosen, profile))
    rows = list(in_order.values_list("serial_number", "sums")[:MOST_NAMED])
    if not rows:
        return Sums(0, 0, "", ())
    count, same, seal = rows[0][1].split(" ")
    return Sums(int(count), int(same), seal, tuple(serial for serial, _sums in rows))


def _sums(chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None) -> Subquery:
    """As one text, for which the database goes through the chosen ones once."""
    same: Any = Count("pk", filter=Q(profile=profile)) if profile else Value(0)
    numbers = (Count("pk"), same, Sum("pk"), Coalesce(Sum(F("pk") * F("profile_id")), 0))
    count, same, keys, profiles = (Cast(number, CharField()) for number in numbers)
    text = Concat(count, Value(" "), same, Value(" "), keys, Value("."), profiles, output_field=CharField())
    of_all = chosen.order_by().annotate(of_all=Value(1)).values("of_all").annotate(text=text)
    return Subquery(of_all.values("text"))
