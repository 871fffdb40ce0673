"""Writing a checked installation file into the inventory (CON-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, NoReturn

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from concentrators.configuration.passwords import store_all
from concentrators.importing.columns import ATTRIBUTES, PROFILE
from concentrators.importing.errors import InventoryChanged, RowsRejected
from concentrators.importing.plan import Plan, says_otherwise
from concentrators.importing.rows import CheckedRow
from concentrators.importing.storing import Record, by_serials, create, default_record, update
from concentrators.models import Company
from concentrators.procedures.actions import (
    InstallationError,
    giving_profile,
    hold_procedure,
    install,
    lock_profiles,
    locked,
    modify,
)
from concentrators.procedures.bulk import CHUNK, BulkChange
from profiles.models import ProcedureProfile
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress
from smmeplus.common.text import some_of

#: All that a file can change. Without the serial number: to update a unique column would lock out foreign keys.
UPDATED = (*ATTRIBUTES, "state", "installed_at")


class Outcome(NamedTuple):
    """Numbers of concentrators written. The last three are included in the first two."""

    new: int
    changed: int
    installed: int
    modified: int
    passwords: int = 0


def write(
    plan: Plan,
    *,
    company: Company,
    user: User | None,
    now: datetime,
    procedure: ProcedureProfile | None = None,
    only_good_rows: bool = False,
    progress: Progress = no_progress,
) -> Outcome:
    """Carry out ``plan``, checked for ``company``, in one transaction; ``now`` is the time of installation.

    ``procedure`` says how that is carried out (PRC-1); None stands for the default one.

    Raises RowsRejected if the file has errors and ``only_good_rows`` is not set. Raises InventoryChanged if the
    concentrator, type or profile of a row was created, changed or deleted after the check, or ``procedure`` deleted.
    Then nothing is written and the file has to be checked again.
    """
    if plan.company_id != company.pk:
        raise ValueError("the plan was checked for another company")
    if plan.rejected and not only_good_rows:
        raise RowsRejected(_("%d rows have errors; nothing was written.") % plan.rejected)
    try:
        with transaction.atomic():
            _lock(company, plan)
            change = BulkChange("file", user=user, now=now, procedure=hold_procedure(procedure))
            return _Writer(company, change, progress).write(plan)
    except (IntegrityError, InstallationError, Company.DoesNotExist) as error:
        # A concentrator was created between our look and our writing, or its type, profile or company was deleted.
        raise InventoryChanged(_("Somebody else has changed the inventory since the check; check again.")) from error


def _lock(company: Company, plan: Plan) -> None:
    # If two files are written for one company, the second waits here, and then sees what the first has changed.
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    lock_profiles(_profiles(plan))


class _Writer:
    def __init__(self, company: Company, change: BulkChange, progress: Progress) -> None:
        self.company = company
        self.change = change
        self.progress = progress
        self.done = self.total = 0
        self.blank = {**default_record(), "company_id": company.pk}
        self.installed = self.modified = self.passwords = 0

    def write(self, plan: Plan) -> Outcome:
        self.total = len(plan.new) + len(plan.changed)
        for rows in self._chunks(plan.new):
            self._create(rows)
        for rows in self._chunks(plan.changed):
            self._change(rows)
        return Outcome(len(plan.new), len(plan.changed), self.installed, self.modified, self.passwords)

    def _chunks(self, rows: list[CheckedRow]) -> Iterator[list[CheckedRow]]:
        for chunk in in_chunks(sorted(rows, key=attrgetter("serial_number")), CHUNK):
            yield chunk
            self.done += len(chunk)
            self.progress(self.done, self.total)

    def _create(self, rows: list[CheckedRow]) -> None:
        created = by_serials(row.serial_number for row in rows)
        existing = list(created.values_list("serial_number", flat=True))
        if existing:
            _give_up(existing)
        create([self._new(row) for row in rows])
        self._set_passwords(rows, dict(created.values_list("serial_number", "pk")))
        self.change.record(created, created=True)

    def _change(self, rows: list[CheckedRow]) -> None:
        changed = by_serials(row.serial_number for row in rows).filter(company=self.company)
        found = {record["serial_number"]: record for record in locked(changed).values()}
        outdated = [row.serial_number for row in rows if not _still_changes(row, found.get(row.serial_number))]
        if outdated:
            _give_up(outdated)
        update([self._applied(row, found[row.serial_number]) for row in rows], UPDATED)
        self._set_passwords(rows, {serial: record["id"] for serial, record in found.items()})
        self.change.record(changed)

    def _set_passwords(self, rows: list[CheckedRow], keys: Mapping[str, int]) -> None:
        passwords = {keys[row.serial_number]: row.password for row in rows if row.password}
        if passwords:
            store_all(passwords)
        self.passwords += len(passwords)

    def _new(self, row: CheckedRow) -> Record:
        return self._applied(row, {**self.blank, "serial_number": row.serial_number})

    def _applied(self, row: CheckedRow, record: Record) -> Record:
        said = {name: value for name, value in zip(ATTRIBUTES, row.values, strict=True) if value is not None}
        profile = row.values[PROFILE]
        if not isinstance(profile, int) or profile == record["profile_id"]:
            return {**record, **said}
        action = giving_profile(record["state"])
        self.modified += action is modify
        self.installed += action is install
        return {**record, **said, **action.values(profile, self.change.now)}


def _profiles(plan: Plan) -> set[int]:
    named = {row.values[PROFILE] for row in chain(plan.new, plan.changed)}
    return {key for key in named if isinstance(key, int)}


def _still_changes(row: CheckedRow, record: Record | None) -> bool:
    if record is None:
        return False
    return row.password is not None or says_otherwise(row.values, [record[name] for name in ATTRIBUTES])


def _give_up(serials: list[str]) -> NoReturn:
    raise InventoryChanged(
        _("Since the file was checked somebody else has changed %s; check it again.") % some_of(serials)
    )
