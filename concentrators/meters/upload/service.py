"""An uploaded file of meters: compared for its preview, taken when confirmed (MET-2)."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.utils.translation import gettext as _

from concentrators.importing import forget
from concentrators.importing.errors import storable
from concentrators.meters.importing import Imported, ImportRow, RefusedFile, import_content
from concentrators.models import Company, MeterFile, MeterFileRow, MeterRowKind
from concentrators.upload.service import SaysThatItGoesOn, alone, rest
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress

log = logging.getLogger(__name__)

CHUNK = 2_000
LONGEST = 64  # characters of a name that is shown


def keep(name: str, *, company: Company, user: User, whole: bool, now: datetime) -> MeterFile:
    """Make a place for an uploaded file until it is confirmed. Files that were not confirmed in time are deleted.

    Raises ValidationError while another file of ``user`` is worked on.
    """
    for old in MeterFile.objects.filter(uploaded_at__lt=now - MeterFile.KEPT).defer("content"):
        forget(old)
    with alone(MeterFile, user, now):
        return MeterFile.objects.create(
            name=storable(name)[:255], company=company, user=user, whole=whole, uploaded_at=now, busy_at=now
        )


def preview(kept: MeterFile, content: bytes, progress: Progress) -> None:
    """Compare ``content``; keep it, and what taking it would do. Raises ValidationError if it is no file of meters."""
    try:
        found = _compared(kept, content, SaysThatItGoesOn(kept, progress))
        kept.content = zlib.compress(content, 1)
        _show(kept, found)
    except ValidationError:
        forget(kept)
        raise
    finally:
        rest(kept)


def confirm(kept: MeterFile, *, now: datetime, progress: Progress) -> None:
    """Take what the preview showed.

    Raises ValidationError if it would no longer do the same, which the preview shows then; or while a file of the same
    user is worked on.
    """
    _begin(kept, now)
    try:
        content, says = zlib.decompress(kept.content), SaysThatItGoesOn(kept, progress)
        found = _compared(kept, content, no_progress)
        if _digest(found) != kept.digest:
            _show(kept, found)
            raise ValidationError(_("What it would do has changed since: look at it again."))
        written = _taken(kept, content, says, now)
        kept.counts |= {"written": _counts(written)}
        kept.content, kept.written_at = b"", now
        kept.save(update_fields=["counts", "content", "written_at"])
    finally:
        rest(kept)


def _compared(kept: MeterFile, content: bytes, progress: Progress) -> Imported:
    """As of the upload, so that time alone changes nothing of it."""
    return _import(kept, content, progress=progress, now=kept.uploaded_at, dry_run=True)


def _taken(kept: MeterFile, content: bytes, progress: Progress, now: datetime) -> Imported:
    try:
        return _import(kept, content, progress=progress, now=now)
    except Error as error:
        log.exception("%s could not be taken", kept)
        said = _("The server could not take all of it. Upload the file again: what was taken changes nothing then.")
        raise ValidationError(said) from error


def _import(kept: MeterFile, content: bytes, **said: Any) -> Imported:
    of_file: dict[str, Any] = {
        "company": kept.company,
        "user": kept.user,
        "whole": kept.whole,
        "dated": kept.uploaded_at,
    }
    try:
        return import_content(content, kept.name, **of_file, **said)
    except RefusedFile as error:
        raise ValidationError(str(error)) from error


def _show(kept: MeterFile, found: Imported) -> None:
    kept.digest, kept.counts, kept.facts = _digest(found), _counts(found), _facts(found)
    with transaction.atomic():
        kept.rows.all().delete()
        for some in in_chunks(found.rows, CHUNK):
            MeterFileRow.objects.bulk_create(_row(kept, row) for row in some)
        kept.save(update_fields=["digest", "counts", "facts", "content"])


def _row(kept: MeterFile, row: ImportRow) -> MeterFileRow:
    return MeterFileRow(
        file=kept,
        kind=row.kind,
        line=row.line,
        concentrator=storable(row.concentrator)[:LONGEST],
        meter=storable(row.meter)[:LONGEST],
        says=row.says,
        faults=[storable(fault) for fault in row.faults],
    )


def _counts(found: Imported) -> dict[str, Any]:
    return {kind.name.lower(): found.counts[kind] for kind in MeterRowKind} | {"lists": len(found.lists)}


def _facts(found: Imported) -> dict[str, Any]:
    lists = [[one.concentrator, one.source, one.listed_at.isoformat(), one.whole, one.outcome] for one in found.lists]
    return {
        **asdict(found.facts),
        "cautions": [one._replace(value=storable(one.value)) for one in found.facts.cautions],
        "lists": lists,
        "unknown": [storable(one) for one in found.unknown],
        "passed_over": {storable(one): reason for one, reason in found.passed_over.items()},
        "is_master": found.is_master,
    }


def _digest(found: Imported) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(found):
        digest.update(json.dumps(piece, default=str).encode())
    return digest.hexdigest()


def _pieces(found: Imported) -> Iterable[Any]:
    yield [*found.lists, *found.unknown, *found.passed_over, *sorted(found.counts.items())]
    yield from found.rows


def _begin(kept: MeterFile, now: datetime) -> None:
    with alone(MeterFile, kept.user, now):
        kept.refresh_from_db()
        if kept.written_at:
            raise ValidationError(_("This file has been taken already."))
        if not kept.counts:
            raise ValidationError(_("The check of this file did not come to its end; upload it again."))
        kept.busy_at = now
        kept.save(update_fields=["busy_at"])
