"""An uploaded installation file: checked for its preview, written when confirmed (CON-5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concentrators import importing
from concentrators.keys.rights import may_set_keys
from concentrators.models import Company, InstallationFile, InstallationRow, MeterFile, RowKind
from concentrators.procedures import load
from profiles.models import ProcedureProfile
from smmeplus.common.progress import Progress
from smmeplus.common.text import some_of

KeptFile = InstallationFile | MeterFile
BUSY_EVERY_S = 20  # how often a reading says that it goes on


def keep(name: str, *, company: Company, user: User, now: datetime) -> InstallationFile:
    """Make a place for an uploaded file until it is confirmed. Files that were not confirmed in time are deleted.

    Raises ValidationError while another file of ``user`` is worked on.
    """
    for old in InstallationFile.objects.filter(uploaded_at__lt=now - InstallationFile.KEPT):
        importing.forget(old)
    with alone(InstallationFile, user, now):
        return InstallationFile.objects.create(
            company=company, user=user, name=name[:255], uploaded_at=now, busy_at=now
        )


def preview(kept: InstallationFile, source: BinaryIO, progress: Progress) -> None:
    """Check the file ``source``; keep its rows, and what writing them would do.

    Raises ValidationError if it is no table of concentrators.
    """
    try:
        plan = importing.check(source, kept.company, file=kept, progress=SaysThatItGoesOn(kept, progress))
    except importing.UnreadableFile as error:
        raise ValidationError(str(error)) from error
    else:
        moves = [(before, after, number) for (before, after), number in plan.moves.items()]
        kept.counts = {**kept.counts, "load": load.groups_of_moves(kept.company, moves) if moves else []}
        kept.save(update_fields=["counts"])
    finally:
        rest(kept)


def confirm(
    kept: InstallationFile,
    *,
    procedure: ProcedureProfile | None,
    only_good_rows: bool,
    now: datetime,
    progress: Progress,
) -> None:
    """Write what the preview showed, by ``procedure`` or the default one.

    Raises ValidationError if that is no longer what would happen, or while a file of the same user is worked on.
    """
    _begin(kept, now)
    try:
        outcome = importing.write(
            importing.Plan.of(kept),
            company=kept.company,
            user=kept.user,
            now=now,
            procedure=procedure,
            only_good_rows=only_good_rows,
            progress=progress,
        )
    except importing.InventoryChanged as error:
        raise ValidationError(_of_the_preview(error)) from error
    except importing.RowsRejected as error:
        raise ValidationError(str(error)) from error
    else:
        kept.written_at = now
        kept.counts = {**kept.counts, "written": outcome._asdict()}
        kept.save(update_fields=["written_at", "counts"])
    finally:
        rest(kept)


def errors_of(kept: InstallationFile) -> Iterator[importing.RowError]:
    """The errors that the preview found, in the order of the lines."""
    refused = InstallationRow.objects.filter(file=kept, kind=RowKind.REFUSED).order_by("line")
    for line, errors in refused.values_list("line", "errors").iterator():
        for error in errors or ():
            yield importing.RowError(line, *error)


def load_stated(kept: InstallationFile, procedure: ProcedureProfile) -> str:
    """What writing the file by ``procedure`` adds, in words; empty if no profile changes."""
    groups = [load.Group(*group) for group in kept.counts.get("load", ())]
    return load.statement(load.load_of(groups, procedure.wave_sizes)) if groups else ""


class SaysThatItGoesOn:
    """Passes the progress on, and keeps the file from being taken for one whose reader has died."""

    def __init__(self, kept: KeptFile, progress: Progress) -> None:
        self.kept = kept
        self.progress = progress

    def __call__(self, done: int, total: int = 0) -> None:
        self.progress(done, total)
        now = timezone.now()
        if self.kept.busy_at is None or (now - self.kept.busy_at).total_seconds() >= BUSY_EVERY_S:
            self.kept.busy_at = now
            self.kept.save(update_fields=["busy_at"])


@contextmanager
def alone(model: type[KeptFile], user: User, now: datetime) -> Iterator[None]:
    """Only one of the requests of ``user`` is in here at a time. Raises ValidationError while a file is worked on."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        busy = model.objects.filter(user=user, busy_at__gt=now - model.BUSY).first()
        if busy:
            raise ValidationError(
                _("Your file “%(name)s” for %(company)s is being worked on. One at a time: wait until it is through.")
                % {"name": busy.name, "company": busy.company}
            )
        yield


def _begin(kept: InstallationFile, now: datetime) -> None:
    if kept.user is None:
        raise ValueError("a file that belongs to nobody is not confirmed")
    if kept.counts.get("keys") and not may_set_keys(kept.user):  # they may have lost the right since the preview
        raise ValidationError(_("You may not change keys, which administrators do."))
    with alone(InstallationFile, kept.user, now):
        kept.refresh_from_db()
        if kept.written_at:
            raise ValidationError(_("This file has been written already."))
        if not kept.counts:
            raise ValidationError(_("The check of this file did not come to its end; upload it again."))
        kept.busy_at = now
        kept.save(update_fields=["busy_at"])


def rest(kept: KeptFile) -> None:
    type(kept).objects.filter(pk=kept.pk).update(busy_at=None)


def _of_the_preview(error: importing.InventoryChanged) -> str:
    if not error.serials:
        return str(error)
    said = _("Somebody else has changed the inventory since the preview: upload the file again.")
    changed = _("Changed: %s.") % some_of(error.serials)
    return f"{said} {changed}"
