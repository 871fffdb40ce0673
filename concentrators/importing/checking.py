"""Checking an installation file against the model's rules and the inventory (CON-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import BinaryIO

from django.utils.translation import gettext as _

from concentrators.configuration.passwords import is_same
from concentrators.importing.columns import ATTRIBUTES, REQUIRED, TYPE
from concentrators.importing.compared import caution_of
from concentrators.importing.errors import RowError
from concentrators.importing.packing import Packer, unpack
from concentrators.importing.plan import Plan, Tally, says_otherwise
from concentrators.importing.rows import CheckedRow, Sifted
from concentrators.importing.sifting import sift
from concentrators.importing.storing import by_serials
from concentrators.models import DEFAULT_TYPE, Company, ConcentratorType, State
from smmeplus.common.progress import Progress, no_progress

MOST_CAUTIONS = 1_000


def check(source: BinaryIO, company: Company, *, progress: Progress = no_progress) -> Plan:
    """Say what writing ``source``, a seekable CSV or XLSX file, would do to the concentrators of ``company``.

    An empty cell or a missing column changes nothing: an existing concentrator keeps its value, a new one gets the
    model's default and the type CERCO1. So a file never empties a field, never takes a concentrator out of the
    field, and uploading an export of a list changes nothing. A row with a profile also installs the concentrator, or
    gives it that profile if it is in field with another one. The plan contains every error of every row; rows with
    errors are rejected. If two rows have the same serial number, the second is rejected.

    Writes nothing. Compares with the inventory in chunks, one query for each. Raises UnreadableFile if the file is
    not a table of concentrators.
    """
    plan = Plan(company.pk)
    _compare(sift(source, company, plan.source), plan, progress)
    return plan


def check_and_pack(source: BinaryIO, company: Company, *, progress: Progress = no_progress) -> tuple[Tally, bytes]:
    """The same for a file to be written later: returns its numbers and errors, and the bytes for ``check_again``."""
    tally, packer = Tally(company.pk), Packer()
    _compare(packer.all_of(sift(source, company, tally.source)), tally, progress)
    return tally, packer.packed


def check_again(packed: bytes, company: Company, *, progress: Progress = no_progress) -> Plan:
    """Say what writing a file packed by ``check_and_pack`` would do now.

    Its rows are compared with the inventory again, but not parsed again: the names of types and profiles mean what
    they meant then. Raises UnreadableFile for bytes that ``check_and_pack`` has not packed.
    """
    plan = Plan(company.pk)
    _compare(unpack(packed), plan, progress)
    return plan


def _compare(chunks: Iterable[Sifted], tally: Tally, progress: Progress) -> None:
    comparer = _Comparer(tally)
    done = 0
    for good, wrong in chunks:
        for errors in wrong:
            tally.reject(errors)
        comparer.compare(good)
        done += len(good) + len(wrong)
        progress(done)
    tally.errors.sort(key=attrgetter("line"))


class _Comparer:
    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.default_type = ConcentratorType.objects.filter(name=DEFAULT_TYPE).values_list("pk", flat=True).first()

    def compare(self, rows: list[CheckedRow]) -> None:
        known, passwords = _known(rows), _passwords(rows)
        for row in rows:
            stored = passwords.get(row.serial_number)
            is_known = row.password and stored and is_same(stored, row.password)
            self._put(row._replace(password=None) if is_known else row, known.get(row.serial_number))

    def _put(self, row: CheckedRow, known: Sequence[object] | None) -> None:
        """Count ``row``; ``known`` are the company, state and values of its concentrator, None if there is none."""
        if known is None:
            self._caution(row, State.AVAILABLE)
            self._add_new(row)
            return
        company_id, state, *current = known
        if company_id != self.tally.company_id:
            self._reject(row, REQUIRED, row.serial_number, _("Taken by a concentrator of another company."))
            return
        self._caution(row, str(state))
        if row.password or says_otherwise(row.values, current):
            self.tally.add_changed(row, str(state), current)
        else:
            self.tally.unchanged += 1

    def _add_new(self, row: CheckedRow) -> None:
        if row.values[TYPE] is not None:
            self.tally.add_new(row)
        elif self.default_type is None:
            self._reject(row, "type", "", _("Missing; there is no type %s to take instead.") % DEFAULT_TYPE)
        else:
            values = (*row.values[:TYPE], self.default_type, *row.values[TYPE + 1 :])
            self.tally.add_new(row._replace(values=values))

    def _caution(self, row: CheckedRow, stored: str) -> None:
        caution = caution_of(row, stored) if row.state else None
        if caution and len(self.tally.source.cautions) < MOST_CAUTIONS:
            self.tally.source.cautions.append(caution)

    def _reject(self, row: CheckedRow, column: str, value: str, reason: str) -> None:
        self.tally.reject([RowError(row.line, column, value, reason)])


def _passwords(rows: list[CheckedRow]) -> dict[str, str]:
    """The encrypted passwords of those that exist, by serial number, if the rows have any."""
    serials = [row.serial_number for row in rows if row.password]
    if not serials:
        return {}
    return dict(by_serials(serials).order_by().values_list("serial_number", "management_password__encrypted"))


def _known(rows: list[CheckedRow]) -> dict[str, Sequence[object]]:
    """Company, state and the values of ATTRIBUTES of those concentrators that exist, by serial number."""
    found = by_serials(row.serial_number for row in rows)
    current = found.order_by().values_list("serial_number", "company_id", "state", *ATTRIBUTES)
    return {serial: values for serial, *values in current}
