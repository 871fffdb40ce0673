"""An uploaded installation file: checked for its preview, written when confirmed (CON-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from concentrators import importing
from concentrators.models import Company, InstallationFile
from concentrators.procedures import load
from profiles.models import ProcedureProfile
from smmeplus.common.progress import Progress

MAX_SHOWN_ERRORS = 10_000  # kept for the preview; further ones are only counted


def keep(file: UploadedFile[bytes], *, company: Company, user: User, now: datetime) -> InstallationFile:
    """Make a place for an uploaded file until it is confirmed. Files that were not confirmed in time are deleted."""
    InstallationFile.objects.filter(uploaded_at__lt=now - InstallationFile.KEPT).delete()
    return InstallationFile.objects.create(
        company=company, user=user, name=(file.name or "")[:255], content=b"", uploaded_at=now
    )


def preview(kept: InstallationFile, source: BinaryIO, progress: Progress) -> None:
    """Check the file ``source``; keep its rows, and what writing them would do.

    Raises ValidationError if it is no table of concentrators.
    """
    try:
        tally, kept.content = importing.check_and_pack(source, kept.company, progress=progress)
    except importing.UnreadableFile as error:
        raise ValidationError(str(error)) from error
    kept.counts = _counts(tally)
    kept.errors = [list(error) for error in tally.errors[:MAX_SHOWN_ERRORS]]
    kept.save(update_fields=["content", "counts", "errors"])


def confirm(
    kept: InstallationFile,
    *,
    procedure: ProcedureProfile | None,
    only_good_rows: bool,
    now: datetime,
    progress: Progress,
) -> None:
    """Write what the preview showed, by ``procedure`` or the default one.

    Raises ValidationError if that is no longer what would happen.
    """
    if kept.written_at:
        raise ValidationError(_("This file has been written already."))
    plan = _checked_again(kept, progress)
    try:
        outcome = importing.write(
            plan,
            company=kept.company,
            user=kept.user,
            now=now,
            procedure=procedure,
            only_good_rows=only_good_rows,
            progress=progress,
        )
    except (importing.RowsRejected, importing.InventoryChanged) as error:
        raise ValidationError(str(error)) from error
    kept.written_at, kept.content = now, b""
    kept.counts = {**kept.counts, "written": outcome._asdict()}
    kept.save(update_fields=["written_at", "content", "counts"])


def errors_of(kept: InstallationFile) -> list[importing.RowError]:
    """The errors that the preview found, in the order of the lines."""
    return [importing.RowError(*error) for error in kept.errors]


def _checked_again(kept: InstallationFile, progress: Progress) -> importing.Plan:
    try:
        plan = importing.check_again(bytes(kept.content), kept.company, progress=progress)
    except importing.UnreadableFile as error:
        raise ValidationError(str(error)) from error
    if _counts(plan) != kept.counts:
        raise ValidationError(_("Somebody else has changed the inventory since the preview: upload the file again."))
    return plan


def load_stated(kept: InstallationFile, procedure: ProcedureProfile) -> str:
    """What writing the file by ``procedure`` adds, in words; empty if no profile changes."""
    moves = kept.counts.get("moves")
    if not moves:
        return ""
    return load.statement(load.load_of(load.groups_of_moves(kept.company, moves), procedure.wave_sizes))


def _counts(tally: importing.Tally) -> dict[str, Any]:
    moves = [[before, after, number] for (before, after), number in tally.moves.items()]
    moves.sort(key=lambda move: (move[0] or 0, move[1]))
    return {**tally.counts._asdict(), "errors": tally.error_count, "moves": moves}
