"""A concentrator with a list of meters, made without importing one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.meters.topology import settle
from concentrators.models import Concentrator, ConcentratorMeters, Meter, Sighting

AT = datetime(2020, 9, 25, 3, tzinfo=UTC)


def sight(one: Concentrator, name: str, *, meter: dict[str, Any] | None = None, **values: Any) -> Sighting:
    """A sighting of the meter ``name``, which is made if need be; active, in the list and counting there."""
    made, _is_new = Meter.objects.get_or_create(
        company=one.company, name=name, defaults={"created_at": AT, **(meter or {})}
    )
    facts = {"first_seen": AT - timedelta(days=9), "last_seen": AT, "state": 2, "chosen": True, "listed_at": AT}
    return Sighting.objects.create(company=one.company, concentrator=one, meter=made, **{**facts, **values})


def count(one: Concentrator, **numbers: Any) -> ConcentratorMeters:
    """Settle its tree, and store what is counted: ``numbers`` and those of the tree."""
    tree = settle(one.pk)
    of_tree = {name: getattr(tree, name) for name in ("repeaters", "deepest", "orphans", "looped")}
    return ConcentratorMeters.objects.create(concentrator=one, listed_at=AT, **of_tree, **numbers)


def grow(one: Concentrator, number: int) -> None:
    """A tree of ``number`` meters: each tenth a repeater of the nine after it, and of the next but nine repeaters."""
    names = [f"MTR{index:010}" for index in range(number)]
    meters = Meter.objects.bulk_create(
        Meter(company=one.company, name=name, manufacturer="MTR", created_at=AT) for name in names
    )
    Sighting.objects.bulk_create(
        Sighting(
            company=one.company,
            concentrator=one,
            meter=meter,
            first_seen=AT,
            last_seen=AT,
            listed_at=AT,
            chosen=True,
            state=(2, 2, 2, 2, 2, 1, 0)[index % 7],
            repeater=_repeater(names, index),
            level=0 if index == 0 else None,
        )
        for index, meter in enumerate(meters)
    )
    count(one, meters=number, chosen=number)


def _repeater(names: list[str], index: int) -> str:
    if index == 0:
        return ""
    if index % 10:
        return names[index - index % 10]
    return names[index // 100 * 10]
