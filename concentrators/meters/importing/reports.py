"""The lists in a file of STG-DC (MET-2)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from concentrators.meters.importing.places import Places
from concentrators.meters.importing.taking import Taking, take
from concentrators.meters.importing.unknown import tell_inbox
from concentrators.meters.importing.work import Work
from concentrators.meters.stg import read
from concentrators.models import MeterSource

#: Meters first, then what is joined to them by name and by MAC.
_ORDER = (MeterSource.S24, MeterSource.S06, MeterSource.S11, MeterSource.G02)


def import_reports(work: Work) -> None:
    """Raises StgError."""
    reports = read(work.content, work.name).reports
    places = Places(work, work.sha256)
    known = places.look_up({report.concentrator for report in reports})
    lists = []
    for report in reports:
        if report.concentrator not in known:
            continue
        place = known[report.concentrator]
        found = report.received(place.key, place.zone, work.sha256, work.name, work.user_key)
        if found is None:
            said = _("The report %s has no list in it, which is not an empty list.") % report.source
            work.imported.passed_over[report.concentrator] = said
        else:
            lists.append(Taking(report.concentrator, found))
    lists.sort(key=lambda one: (_ORDER.index(one.received.source), one.received.listed_at))
    take(work, lists)
    tell_inbox(work, places.strangers, {report.concentrator: report.source for report in reports})
