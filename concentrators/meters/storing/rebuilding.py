"""All stored numbers, made anew from the sightings: as the lists have left them, unless something is wrong (MET-8)."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from concentrators.meters.storing.holding import hold_meters
from concentrators.meters.storing.members import OF_MEMBERS
from concentrators.meters.storing.numbers.counts import note_list, recount
from concentrators.meters.storing.numbers.tally import add, whole_tally
from concentrators.meters.topology import settle as settle_tree
from concentrators.models import Company
from concentrators.models.meters import ConcentratorMeters, ListOutcome, MeterList, MeterTally


def rebuild() -> None:
    """In one transaction, during which no list is stored."""
    with transaction.atomic():
        hold_meters(Company.objects.values_list("pk", flat=True))
        ConcentratorMeters.objects.all().delete()
        MeterTally.objects.all().delete()
        lists = MeterList.objects.filter(source__in=OF_MEMBERS, outcome=ListOutcome.TAKEN).order_by("listed_at", "pk")
        newest = {one: (key, at) for one, key, at in lists.values_list("concentrator", "pk", "listed_at").iterator()}
        for concentrator, (key, at) in sorted(newest.items()):
            note_list(concentrator, key, at)
            recount([concentrator], {concentrator: settle_tree(concentrator)})
        add(Counter(), whole_tally())
