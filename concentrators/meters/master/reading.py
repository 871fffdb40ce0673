"""The rows of a master file, checked one by one (MET-2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from concentrators.importing.errors import RowError, shown
from concentrators.meters.spreadsheets.headers import METER
from concentrators.meters.spreadsheets.tables import CHUNK, Said, Table, said_in
from concentrators.meters.spreadsheets.values import at_clocks
from concentrators.models import Company, Concentrator
from concentrators.models.lines import tidy
from profiles.names import fold_name
from smmeplus.common.chunks import in_chunks


@dataclass(slots=True)
class MasterRow:
    """``name`` is None for a row that is refused. ``values`` are by the attributes of a meter; what is not said is not
    there. ``seen`` is what stands there for the name.
    """

    line: int
    name: str | None
    seen: str
    values: dict[str, Any]
    faults: list[RowError]


def read_master(table: Table, company: Company, now: datetime) -> Iterator[list[MasterRow]]:
    """The rows in chunks. A faulty cell says nothing; without a name, or of another company, a row is refused.

    Raises UnreadableFile if the rows cannot be read to the end.
    """
    lines: dict[str, int] = {}
    for chunk in in_chunks(said_in(table), CHUNK):
        concentrators = _concentrators(company, chunk)
        yield [_row(said, company, concentrators, lines, now) for said in chunk]


def _row(
    said: Said, company: Company, concentrators: dict[str, int], lines: dict[str, int], now: datetime
) -> MasterRow:
    values = dict(said.values)
    name, named = values.pop(METER, None), values.pop("company", None)
    row = MasterRow(said.line, name, shown(said.seen.get(METER, "")), values, said.faults)
    if METER not in said.seen:
        row.faults.append(RowError(said.line, METER, "", _("Missing; every row needs a meter.")))
    elif named is not None and fold_name(tidy(named)) != fold_name(tidy(company.name)):
        _refuse(row, "company", named, _("The file is uploaded for %s.") % company.name)
    elif name is not None and (first := lines.setdefault(name, said.line)) != said.line:
        _refuse(row, METER, name, _("Twice in the file; first in line %d.") % first)
    _place(row, concentrators)
    _retire(row, said, company, now)
    return row


def _refuse(row: MasterRow, column: str, value: str, reason: str) -> None:
    row.name = None
    row.faults.append(RowError(row.line, column, value, reason))


def _place(row: MasterRow, concentrators: dict[str, int]) -> None:
    serial = row.values.pop("expected_concentrator", None)
    if serial is None:
        return
    if serial in concentrators:
        row.values["expected_concentrator_id"] = concentrators[serial]
    else:
        reason = _("No concentrator of this company has this serial number.")
        row.faults.append(RowError(row.line, "expected_concentrator", serial, reason))


def _retire(row: MasterRow, said: Said, company: Company, now: datetime) -> None:
    found = row.values.pop("retired", None)
    if found is None:
        return
    if isinstance(found, bool):
        row.values["retired_at"] = now if found else None
        return
    try:
        at = at_clocks(found, company.zone)
    except ValidationError as error:
        row.faults.append(RowError(row.line, "retired", said.seen["retired"], " ".join(error.messages)))
        return
    if at > now:
        row.faults.append(RowError(row.line, "retired", said.seen["retired"], _("This time is still to come.")))
    else:
        row.values["retired_at"] = at


def _concentrators(company: Company, chunk: Iterable[Said]) -> dict[str, int]:
    """The keys of those concentrators of ``company`` that the rows name, by serial number."""
    serials = {said.values["expected_concentrator"] for said in chunk if "expected_concentrator" in said.values}
    if not serials:
        return {}
    found = Concentrator.objects.filter(company=company, serial_number__in=serials).order_by()
    return dict(found.values_list("serial_number", "pk"))
