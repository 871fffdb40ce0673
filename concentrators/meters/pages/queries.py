"""What the pages of meters load, as far as a user may see it (MET-6, ACC-1)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404

from concentrators.models import AnyUser, Concentrator, Meter, MeterConflict, Sighting


def concentrator_for(user: AnyUser, serial_number: str) -> Concentrator:
    """The one with its ``company`` and, if it has a list, ``meter_counts``. Raises Http404 if ``user`` sees none."""
    if "\0" in serial_number:  # which PostgreSQL refuses
        raise Http404
    rows = Concentrator.objects.visible_to(user).select_related("company", "meter_counts")
    return get_object_or_404(rows, serial_number=serial_number)


def sightings_of(concentrator: Concentrator) -> QuerySet[Any]:
    """All that its lists have ever held, with ``meter``, ``through`` and ``conflict``, the key of an open one."""
    open_ones = MeterConflict.objects.open().filter(meter=OuterRef("meter"))
    return (
        Sighting.objects.filter(concentrator=concentrator)
        .select_related("meter")
        .annotate(
            through=Coalesce("parent__meter__name", "repeater"),
            conflict=Subquery(open_ones.values("pk")[:1]),
        )
    )


def meters_to_show(user: AnyUser) -> QuerySet[Any]:
    """All meters of the companies of ``user``, each with ``at``, the sighting where it counts, if any list has it."""
    return (
        Meter.objects.visible_to(user)
        .select_related("company")
        .annotate(at=FilteredRelation("sightings", condition=Q(sightings__chosen=True)))
        .annotate(
            at_serial_number=F("at__concentrator__serial_number"),
            at_state=F("at__state"),
            at_last_seen=F("at__last_seen"),
        )
    )
