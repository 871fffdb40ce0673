"""Checking an installation file against the model's rules and the inventory (CON-5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from concentrators.importing.columns import ATTRIBUTES, REQUIRED, TYPE
from concentrators.importing.compared import caution_of
from concentrators.importing.device_keys import KnownKeys
from concentrators.importing.errors import RowError, UnreadableFile, storable
from concentrators.importing.plan import Plan, Planner, says_otherwise
from concentrators.importing.rows import CheckedRow, Sifted, WrongRow
from concentrators.importing.sifting import sift
from concentrators.importing.storing import by_serials
from concentrators.keys.encryption import is_same
from concentrators.keys.rights import may_set_keys
from concentrators.models import DEFAULT_TYPE, Company, ConcentratorType, InstallationFile, MeterFile, State
from smmeplus.common.progress import Progress, no_progress

FORGOTTEN = 20_000  # rows deleted at a time
MOST_CAUTIONS = 1_000


def check(
    source: BinaryIO,
    company: Company,
    *,
    file: InstallationFile | None = None,
    progress: Progress = no_progress,
) -> Plan:
    """Say what writing ``source``, a seekable CSV or XLSX file, would do to the concentrators of ``company``.

    An empty cell or a missing column changes nothing: an existing concentrator keeps its value, a new one gets the
    model's default and the type CERCO1. So a file never empties a field, never takes a concentrator out of the
    field, and uploading an export of a list changes nothing. A row with a profile also installs the concentrator, or
    gives it that profile if it is in field with another one. The plan contains every error of every row; rows with
    errors are rejected. If two rows have the same serial number, the second is rejected.

    Writes nothing but the rows of ``file``, by default of one that belongs to nobody. Compares with the inventory in
    chunks, one query for each. Raises UnreadableFile if ``source`` is not a table of concentrators, or has columns of
    keys though the user of ``file`` may not set any.
    """
    plan = Plan(file or InstallationFile.objects.create(company=company))
    try:
        chunks = sift(source, company, plan.source, may_set_keys=may_set_keys(plan.file.user))
        _compare(chunks, plan, progress)
    except UnreadableFile:
        forget(plan.file)
        raise
    cautions = [one._replace(value=storable(one.value)) for one in plan.source.cautions[:MOST_CAUTIONS]]
    facts = {**asdict(plan.source), "cautions": cautions}
    plan.file.counts, plan.file.facts = plan.as_json, facts
    plan.file.save(update_fields=["counts", "facts"])
    return plan


def forget(file: InstallationFile | MeterFile) -> None:
    """Delete ``file``, and before it its rows, so many at a time that nobody waits long for the database."""
    rows: QuerySet[Any] = file.rows.all()
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:FORGOTTEN]):
        rows.filter(pk__gte=keys[0], pk__lte=keys[-1]).delete()
    file.delete()


def _compare(chunks: Iterable[Sifted], plan: Plan, progress: Progress) -> None:
    planner = Planner(plan)
    comparer = _Comparer(planner, plan.file.company_id)
    done = 0
    for good, wrong in chunks:
        for row in wrong:
            planner.reject(row)
        comparer.compare(good)
        done += len(good) + len(wrong)
        progress(done)
    planner.staging.finish()
    for found in (plan.errors, plan.source.cautions):
        found.sort(key=attrgetter("line"))


class _Comparer:
    def __init__(self, planner: Planner, company_id: int) -> None:
        self.planner = planner
        self.company_id = company_id
        self.default_type = ConcentratorType.objects.filter(name=DEFAULT_TYPE).values_list("pk", flat=True).first()

    def compare(self, rows: list[CheckedRow]) -> None:
        known, passwords = _known(rows), _passwords(rows)
        self.keys = KnownKeys.of({row.serial_number: row.keys for row in rows if row.keys})
        new = [row for row in rows if row.serial_number not in known]
        self._add_new(new)
        for row in rows if len(new) < len(rows) else ():
            if current := known.get(row.serial_number):
                stored = passwords.get(row.serial_number)
                is_known = row.password and stored and is_same(stored, row.password)
                self._put(row._replace(password=None) if is_known else row, current)

    def _put(self, row: CheckedRow, known: Sequence[object]) -> None:
        """Count ``row``; ``known`` are the company, state and values of its concentrator."""
        company_id, state, *current = known
        if company_id != self.company_id:
            self._reject(row, REQUIRED, row.serial_number, _("This serial number is taken."))
            return
        self._caution(row, str(state))
        if row.keys:
            row = row._replace(keys=self.keys.news(row.serial_number, row.keys))
        if self._is_refused_for_keys(row):
            return
        if row.password or row.keys or says_otherwise(row.values, current):
            keys_before = self.keys.before(row.serial_number) if row.keys else None
            self.planner.add_changed(row, str(state), current, keys_before)
        else:
            self.planner.add_unchanged(row)

    def _add_new(self, rows: list[CheckedRow]) -> None:
        """Those for which the file names no type are of the default one."""
        for row in rows:
            self._caution(row, State.AVAILABLE)
        if any(row.keys for row in rows):
            rows = [row for row in rows if not self._is_refused_for_keys(row)]
        if any(row.values[TYPE] is None for row in rows):
            rows = [row for row in map(self._of_a_type, rows) if row is not None]
        self.planner.add_new(rows)

    def _of_a_type(self, row: CheckedRow) -> CheckedRow | None:
        if row.values[TYPE] is not None:
            return row
        if self.default_type is None:
            self._reject(row, "type", "", _("Missing; there is no type %s to take instead.") % DEFAULT_TYPE)
            return None
        values = (*row.values[:TYPE], self.default_type, *row.values[TYPE + 1 :])
        return row._replace(values=values)

    def _is_refused_for_keys(self, row: CheckedRow) -> bool:
        """Whether others have what ``row`` says of keys, or too little of it is there; it is rejected then."""
        if row.keys is None:
            return False
        found = self.keys.faults(row.serial_number, row.keys, self.company_id)
        errors = [RowError(row.line, column, "", reason) for column, reason in found]
        if errors:
            self.planner.reject(WrongRow(row.line, row.serial_number, errors))
        return bool(errors)

    def _caution(self, row: CheckedRow, stored: str) -> None:
        caution = caution_of(row, stored) if row.state else None
        cautions = self.planner.plan.source.cautions
        if caution and len(cautions) < MOST_CAUTIONS:
            cautions.append(caution)

    def _reject(self, row: CheckedRow, column: str, value: str, reason: str) -> None:
        self.planner.reject(WrongRow(row.line, row.serial_number, [RowError(row.line, column, value, reason)]))


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
