"""Writing a checked installation file into the inventory (CON-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concentrators.importing.columns import ATTRIBUTES
from concentrators.importing.device_keys import given
from concentrators.importing.errors import InventoryChanged, RowsRejected
from concentrators.importing.plan import Plan
from concentrators.importing.references import hold, without_checks
from concentrators.importing.storing import (
    KEYS,
    Record,
    by_serials,
    create_staged,
    default_record,
    no_longer_unchanged,
    taken,
    update_staged,
)
from concentrators.keys.passwords import store_all as store_passwords
from concentrators.keys.storing import UPLOADED, KeysChange, store_all
from concentrators.models import CHANGES, Company, Concentrator, InstallationRow, RowKind
from concentrators.procedures.actions import giving_profile, install, modify
from concentrators.procedures.bulk import CHUNK, BulkChange
from concentrators.procedures.held import (
    InstallationError,
    hold_procedure,
    lock_profiles,
    locked,
    refuse_profiles_of_others,
)
from profiles.models import ProcedureProfile
from smmeplus.common.chunks import in_chunks, in_keys
from smmeplus.common.progress import Progress, no_progress
from smmeplus.common.text import some_of

NEW_CHUNK = 20_000  # new concentrators written together; none of their values is loaded into Python


class Outcome(NamedTuple):
    """Numbers of concentrators written. The last four are included in the first two."""

    new: int
    changed: int
    installed: int
    modified: int
    passwords: int = 0
    keys: int = 0


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
    Then nothing is written and the file has to be checked again. Of a file that was written the rejected rows stay.
    """
    if plan.file.company_id != company.pk:
        raise ValueError("the plan was checked for another company")
    if plan.rejected and not only_good_rows:
        raise RowsRejected(
            ngettext(
                "%d row has errors; nothing was written.", "%d rows have errors; nothing was written.", plan.rejected
            )
            % plan.rejected
        )
    try:
        with transaction.atomic():
            Company.objects.select_for_update(no_key=True).get(pk=company.pk)
            rows = InstallationRow.objects.filter(file=plan.file)
            profiles = lock_profiles(_named(rows, "profile"))
            held = hold_procedure(procedure)
            refuse_profiles_of_others([*profiles, held], company.pk)
            change = BulkChange("file", user=user, now=now, procedure=held)
            hold(_named(rows, "type"), user)
            writer = _Writer(plan, rows, change, progress)
            outcome = writer.write()
            rows.exclude(kind=RowKind.REFUSED).delete()
    except (IntegrityError, ValidationError, Company.DoesNotExist) as error:
        _give_up_if(taken(plan.file))
        # A concentrator was created between our look and our writing, or its type, profile or company was deleted.
        raise InventoryChanged(_("Somebody else has changed the inventory since the check; check again.")) from error
    writer.keys_change.tell()
    return outcome


class _Writer:
    """Writes the staged ``rows`` of a file; what is new is copied by the database itself.

    If two files are written for one company, the second waits for the company, and then sees what the first changed.
    """

    def __init__(self, plan: Plan, rows: QuerySet[InstallationRow], change: BulkChange, progress: Progress) -> None:
        self.plan = plan
        self.rows = rows
        self.change = change
        self.progress = progress
        self.done, self.total = 0, plan.new + plan.changed
        self.blank = {**default_record(), "company_id": plan.file.company_id}
        self.new = self.changed = self.installed = self.modified = self.passwords = 0
        self.keys_change = KeysChange(UPLOADED, user=change.user, now=change.now, id=change.id)

    def write(self) -> Outcome:
        if self.plan.unchanged:
            _give_up_if(no_longer_unchanged(self.plan.file))
        if self.plan.new:
            self._create_all()
        names = ("serial_number", "before", "password", *KEYS, *ATTRIBUTES)
        for rows in self._chunks(CHUNK, names, kind__in=CHANGES):
            self._change(rows)
        if self.done != self.total:
            raise InstallationError("its rows have been written already")
        numbers = self.new, self.changed, self.installed, self.modified, self.passwords
        return Outcome(*numbers, self.keys_change.size)

    def _create_all(self) -> None:
        with without_checks():
            for rows in self._chunks(NEW_CHUNK, ("serial_number", "profile_id"), kind=RowKind.NEW):
                self._create(rows)
        if self.plan.passwords:
            self._set_passwords_of_new()
        if self.plan.keys:
            self._set_keys_of_new()

    def _chunks(self, size: int, names: Sequence[str], **which: Any) -> Iterator[list[Any]]:
        """The values ``names`` of the rows ``which``, in the order of the serial numbers, ``size`` at a time."""
        ordered = self.rows.filter(**which).order_by("serial_number")
        last, is_last = "", False
        while not is_last:
            chunk = list(ordered.filter(serial_number__gt=last).values_list(*names, named=True)[:size])
            if chunk:
                yield chunk
                last = chunk[-1].serial_number
            is_last = len(chunk) < size
            self.done += len(chunk)
            self.progress(self.done, self.total)

    def _create(self, rows: list[Any]) -> None:
        ends = rows[0].serial_number, rows[-1].serial_number
        for profile in sorted({row.profile_id for row in rows}, key=lambda key: key or 0):
            given = install.values(profile, self.change.now) if profile else {}
            keys = create_staged(self.plan.file, ends, profile, {**self.blank, **given})
            self.new += len(keys)
            self.installed += len(keys) if profile else 0
            self.change.record_new(keys, self.plan.file.company_id, in_field=profile is not None)

    def _change(self, rows: list[Any]) -> None:
        serials = [row.serial_number for row in rows]
        known = locked(by_serials(serials).filter(company=self.plan.file.company_id))
        found = {one["serial_number"]: one for one in known.values("id", "serial_number", "state", *ATTRIBUTES)}
        _give_up_if([row.serial_number for row in rows if not _is_as_before(row, found.get(row.serial_number))])
        keys = {row.serial_number: found[row.serial_number]["id"] for row in rows}
        update_staged(self.plan.file, list(keys.values()))
        self._give_profiles(rows, found)
        self._set_passwords({keys[row.serial_number]: row.password for row in rows if row.password})
        self._set_keys({keys[row.serial_number]: [getattr(row, name) for name in KEYS] for row in rows})
        self.change.record(Concentrator.objects.filter(in_keys(list(keys.values()))))
        self.changed += len(rows)

    def _give_profiles(self, rows: list[Any], found: Mapping[str, Record]) -> None:
        """Carry out the action that each row with another profile asks for, together for those that are alike."""
        given: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for row in rows:
            if "profile_id" in row.before:
                given[row.before["state"], row.profile_id].append(found[row.serial_number]["id"])
        for (state, profile), keys in given.items():
            action = giving_profile(state)
            self.modified += len(keys) if action is modify else 0
            self.installed += len(keys) if action is install else 0
            alike = Concentrator.objects.filter(in_keys(keys))
            alike.update(**action.values(profile, self.change.now))

    def _set_passwords_of_new(self) -> None:
        given = self.rows.filter(kind=RowKind.NEW, password__isnull=False)
        for chunk in in_chunks(given.values_list("serial_number", "password"), CHUNK):
            passwords = dict(chunk)
            keys = by_serials(passwords).values_list("serial_number", "pk")
            self._set_passwords({key: str(passwords[serial]) for serial, key in keys})

    def _set_passwords(self, passwords: Mapping[int, str]) -> None:
        if passwords:
            store_passwords(passwords)
        self.passwords += len(passwords)

    def _set_keys_of_new(self) -> None:
        said = self.rows.filter(kind=RowKind.NEW, unicast_key__isnull=False).order_by("serial_number")
        for chunk in in_chunks(said.values_list("serial_number", *KEYS), CHUNK):
            cells = {serial: rest for serial, *rest in chunk}
            keys = by_serials(cells).values_list("serial_number", "pk")
            self._set_keys({key: cells[serial] for serial, key in keys})

    def _set_keys(self, cells: Mapping[int, Sequence[Any]]) -> None:
        said = {key: given(values) for key, values in cells.items()}
        if news := {key: one for key, one in said.items() if one is not None}:
            store_all(news, self.keys_change)


def _named(rows: QuerySet[InstallationRow], name: str) -> set[int]:
    """The keys of what the rows that are written name in the column ``name``."""
    written = rows.filter(kind__in=(*CHANGES, RowKind.NEW), **{f"{name}__isnull": False})
    return set(written.order_by().values_list(f"{name}_id", flat=True).distinct())


def _is_as_before(row: Any, current: Record | None) -> bool:
    if current is None or current["state"] != row.before["state"]:
        return False
    said = {name: getattr(row, name) for name in ATTRIBUTES if getattr(row, name) is not None}
    return all(current[name] == row.before.get(name, value) for name, value in said.items())


def _give_up_if(serials: list[str]) -> None:
    if serials:
        _give_up(serials)


def _give_up(serials: list[str]) -> NoReturn:
    raise InventoryChanged(
        _("Since the file was checked somebody else has changed %s; check it again.") % some_of(serials), serials
    )
