"""A master file, in the shape of all that is imported (MET-2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from concentrators.importing.errors import UnreadableFile
from concentrators.meters import master
from concentrators.meters.importing.outcome import ImportRow
from concentrators.meters.importing.work import Work
from concentrators.meters.spreadsheets.tables import Table
from concentrators.models import Concentrator
from smmeplus.common.chunks import in_keys

PLACE = "expected_concentrator_id"


def import_master(work: Work, table: Table) -> None:
    """Raises UnreadableFile."""
    if work.company is None:
        raise UnreadableFile(_("This is a master file. Say of which company its meters are."))
    chunks = master.read_master(table, work.company, work.now)
    do = master.compare if work.dry_run else master.write
    found = do(chunks, work.company, work.now, is_whole=work.whole, progress=work.progress)
    imported, serials = work.imported, _serials(found.steps)
    imported.is_master = True
    imported.counts += found.counts
    imported.rows += [_row(step, serials) for step in found.steps]


def _row(step: master.Step, serials: dict[int, str]) -> ImportRow:
    says = tuple(
        (name.removesuffix("_id"), _plain(name, before, serials), _plain(name, after, serials))
        for name, (before, after) in step.changes.items()
    )
    return ImportRow(step.kind, step.line, "", step.name, says, tuple(map(str, step.faults)))


def _plain(name: str, value: Any, serials: dict[int, str]) -> Any:
    """``value`` as JSON has it, and a concentrator by its serial number."""
    if name == PLACE:
        return serials.get(value, "")
    return value.isoformat() if isinstance(value, datetime) else value


def _serials(steps: list[master.Step]) -> dict[int, str]:
    keys = {key for step in steps for key in step.changes.get(PLACE, ()) if key is not None}
    return dict(Concentrator.objects.filter(in_keys(keys)).order_by().values_list("pk", "serial_number"))
