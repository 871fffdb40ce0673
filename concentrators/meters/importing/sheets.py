"""The lists in a spreadsheet of sightings (MET-2)."""

from __future__ import annotations

from collections.abc import Iterator

from concentrators.meters.importing.places import Places
from concentrators.meters.importing.taking import Taking, take
from concentrators.meters.importing.unknown import tell_inbox
from concentrators.meters.importing.work import Work
from concentrators.meters.lists import ReceivedList
from concentrators.meters.spreadsheets.sightings import Sheet, read_sightings
from concentrators.meters.spreadsheets.tables import Table
from concentrators.models import MeterSource


def import_sightings(work: Work, table: Table) -> None:
    """Raises UnreadableFile."""
    places = Places(work, work.sheet_sha256)
    sheet = read_sightings(table, places.look_up, work.progress)
    for fault in sheet.faults:
        work.imported.fault(fault.line, "", "", str(fault))
    take(work, list(_lists(work, sheet)))
    tell_inbox(work, places.strangers, {})


def _lists(work: Work, sheet: Sheet) -> Iterator[Taking]:
    for one in sheet.in_order:
        received = ReceivedList(
            one.place.key,
            MeterSource.CSV,
            one.listed_at,
            one.is_whole(work.whole),
            work.sheet_sha256,
            one.rows,
            one.faults,
            file_name=work.name,
            received_by=work.user_key,
        )
        yield Taking(one.concentrator, received, one.lines)
