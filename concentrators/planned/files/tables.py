"""Planned work in CSV and XLSX, a row for each work (STA-8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.importing.errors import UnreadableFile, shown
from concentrators.importing.reading import read
from concentrators.importing.rows import FileRow
from concentrators.models import Company, PlannedScope
from concentrators.planned.files.items import MOST_WORKS, Found, Item, Wrong, as_text, scopes_by_word
from concentrators.procedures.out_of_service import by_clocks
from smmeplus.common.exporting import unescape_formula

COLUMNS = ("company", "scope", "serial_number", "substation", "feeder", "title", "begin", "end", "rule", "uid")
NEEDED = ("title", "begin", "end")
#: What an export has besides. It is passed over, but for the state of what is cancelled.
EXPORTED = ("state", "from", "to", "cancelled_at", "source", "set_by")
_NO_TIME = _l("A date and a time such as 2027-04-03 02:00.")
#: As the pages show times in English, which Django does not read by itself.
_SHOWN_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p")


def read_table(source: BinaryIO, company: Company) -> Found:
    """The works in ``source``. Raises ValidationError if it is no table of them."""
    try:
        rows = read(source)
        columns = _columns(next(rows))
        return _found(rows, columns, company)
    except UnreadableFile as error:
        raise ValidationError(str(error)) from error


def _columns(head: FileRow) -> list[str]:
    names = ["_".join(cell.strip().casefold().split()) for cell in head.cells]
    known = (*COLUMNS, *EXPORTED)
    unknown = [name for name in names if name and name not in known]
    missing = [name for name in NEEDED if name not in names]
    doubled = [name for name in known if names.count(name) > 1]
    problems = {
        _("Unknown in the header: %s."): unknown,
        _("Missing in the header: %s."): missing,
        _("Twice in the header: %s."): doubled,
    }
    said = [problem % shown(", ".join(wrong)) for problem, wrong in problems.items() if wrong]
    if said:
        raise ValidationError(" ".join([*said, _("The first line names the columns: %s.") % ", ".join(COLUMNS)]))
    return names


def _found(rows: Iterator[FileRow], columns: list[str], company: Company) -> Found:
    found, scopes = Found([], []), scopes_by_word()
    for number, row in enumerate(rows):
        if number >= MOST_WORKS:
            raise ValidationError(_("A file has at most %(n)d works.") % {"n": MOST_WORKS})
        cells = {name: unescape_formula(cell.strip()) for name, cell in zip(columns, row.cells, strict=False)}
        try:
            found.items.append(_item(row, cells, company, scopes))
        except ValidationError as error:
            seen = cells.get("title") or cells.get("uid") or ""
            found.wrong.append(Wrong(row.line, shown(seen), " ".join(error.messages)))
    return found


def _item(row: FileRow, cells: dict[str, str], company: Company, scopes: dict[str, PlannedScope]) -> Item:
    if row.faults:
        raise ValidationError([fault.reason for fault in row.faults])
    named = cells.get("company", "")
    if named and named.casefold() != company.name.casefold():
        raise ValidationError(_("This row is of “%(company)s”.") % {"company": shown(named)})
    return Item(
        line=row.line,
        scope=_scope(cells, scopes),
        serial=cells.get("serial_number", ""),
        substation=cells.get("substation", ""),
        feeder=cells.get("feeder", ""),
        title=cells["title"],
        begin=as_text(_moment("begin", cells, company)),
        end=as_text(_moment("end", cells, company)),
        rule=cells.get("rule", ""),
        uid=cells.get("uid", ""),
        is_cancelled=cells.get("state", "").casefold() == "cancelled",
    )


def _scope(cells: dict[str, str], scopes: dict[str, PlannedScope]) -> str:
    """What the row says, or else the narrowest thing that it names. The company is said, never meant by silence."""
    said = cells.get("scope", "").casefold()
    if said:
        if said not in scopes:
            raise ValidationError(_("scope “%(seen)s”: one of %(known)s.") % {"seen": shown(said), "known": _known()})
        return scopes[said].value
    named = {"serial_number": "concentrator", "feeder": "feeder", "substation": "substation"}
    meant = next((scope for column, scope in named.items() if cells.get(column)), "")
    if not meant:
        raise ValidationError(_("Name a serial_number, a feeder or a substation, or write company as the scope."))
    return meant


def _known() -> str:
    return ", ".join(PlannedScope.values)


def _moment(name: str, cells: dict[str, str], company: Company) -> datetime:
    """ISO 8601, or as the reader's language writes times; without an offset by the clocks of ``company``."""
    text = cells.get(name, "")
    try:
        return by_clocks(_parsed(text), company.zone)
    except ValidationError as error:
        raise ValidationError(f"{name} “{shown(text)}”: {' '.join(error.messages)}") from error


def _parsed(text: str) -> datetime:
    if not {"T", " "} & set(text):  # a day alone: its begin or its end
        raise ValidationError(_NO_TIME)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in (*formats.get_format("DATETIME_INPUT_FORMATS"), *_SHOWN_FORMATS):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - by the clocks of the company
        except ValueError:
            continue
    raise ValidationError(_NO_TIME)
