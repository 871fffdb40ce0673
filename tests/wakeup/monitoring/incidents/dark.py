"""Concentrators that go dark and come back, as their outages say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from concentrators.models import Concentrator
from tests.wakeup.monitoring.outages.story import at
from wakeup.models import Incident, Outage

Place = Callable[..., list[Concentrator]]


def dark(
    ones: list[Concentrator], clock: str, *, gasp: bool = True, verdict: str | None = None, until: str = ""
) -> list[Outage]:
    """They went dark at ``clock``, with a last gasp each or noticed by their silence twenty minutes later."""
    begin = at(clock)
    spread = timedelta(0) if gasp else timedelta(minutes=10)
    return [
        Outage.objects.create(
            concentrator=one,
            company=one.company,
            earliest_at=begin - spread,
            latest_at=begin + spread,
            began_at=begin,
            noticed_at=begin + 2 * spread,
            ended_at=at(until) if until else None,
            is_announced=gasp,
            verdict=verdict,
            customers=one.customers,
        )
        for one in ones
    ]


def back(outages: list[Outage], clock: str, by: str = "boot") -> None:
    Outage.objects.filter(pk__in=[one.pk for one in outages]).update(ended_at=at(clock), ended_by=by)


def notes(incident: Incident) -> list[str]:
    return [f"{note.at:%H:%M} {note.kind}" for note in incident.notes.all()]
