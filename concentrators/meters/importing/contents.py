"""A file is told by its content, whatever it is called (MET-2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from concentrators.importing.errors import UnreadableFile, storable
from concentrators.meters.importing.masters import import_master
from concentrators.meters.importing.outcome import Imported, RefusedFile
from concentrators.meters.importing.reports import import_reports
from concentrators.meters.importing.sheets import import_sightings
from concentrators.meters.importing.work import Work
from concentrators.meters.spreadsheets.tables import open_table
from concentrators.meters.stg import StgError
from concentrators.models import Company
from smmeplus.common.progress import Progress, no_progress

MB = 2**20
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
LONGEST_NAME = 255


def import_content(
    content: bytes,
    file_name: str,
    *,
    company: Company | None,
    user: User | None,
    whole: bool = False,
    dry_run: bool = False,
    now: datetime,
    dated: datetime | None = None,
    progress: Progress = no_progress,
) -> Imported:
    """Take STG-DC reports, plain, packed or in an envelope; sightings and master files in CSV and XLSX.

    Each list is one transaction, and so is a master file. ``whole`` is for spreadsheets that do not say themselves
    whether they have all meters; ``dated`` is when a spreadsheet was written that has no ``list_date``, by default now.
    Without ``company`` the lists of all that ``user`` sees are taken, and without a user those of all. A dry run writes
    nothing, and tells no inbox.

    Raises RefusedFile if the file cannot be read. Lists of other concentrators than those here are passed over.
    """
    if len(content) > settings.UPLOAD_MAX_MB * MB:
        raise RefusedFile(_("A file may have %d MB.") % settings.UPLOAD_MAX_MB)
    name = storable(PurePath(file_name).name)[:LONGEST_NAME]
    work = Work(content, name, company, user, whole, dry_run, now, dated or now, progress, Imported())
    try:
        _import(work)
    except (StgError, UnreadableFile) as error:
        raise RefusedFile(str(error)) from error
    return work.imported


def _import(work: Work) -> None:
    if _is_report(work.content):
        import_reports(work)
        return
    table = open_table(work.content)
    work.imported.facts = table.facts
    (import_master if table.is_master else import_sightings)(work, table)


def _is_report(content: bytes) -> bool:
    return content.startswith(GZIP) or content[:1_000].removeprefix(BOM).lstrip().startswith(b"<")
