"""Names of files: ``<concentrator>_<request in hexadecimal>_<report>_<format>_<YYYYMMDDhhmmss>``.

Any part may lack, and folders stand before it; what the file contains is trusted more.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from concentrators.meters.stg.dates import read_date

_REPORT = re.compile(r"[SG][0-9]{2}", re.IGNORECASE)
_REQUEST = re.compile(r"[0-9A-Fa-f]{1,15}")
_MADE = re.compile(r"(?<![0-9])[0-9]{14}(?![0-9])")
_CONCENTRATOR = re.compile(r"[0-9A-Z]{1,32}")


class FileName(NamedTuple):
    """``made`` is a wall clock. Empty or None is what the name does not say."""

    concentrator: str = ""
    request_id: int | None = None
    made: datetime | None = None


def read_name(file_name: str) -> FileName:
    parts = re.split(r"[/\\]", file_name)[-1].partition(".")[0].split("_")
    report = next((at for at, part in enumerate(parts) if at and _REPORT.fullmatch(part)), None)
    if report is None:
        return FileName()
    concentrator, request = parts[0].upper(), parts[1] if report > 1 else ""
    made = _MADE.search("_".join(parts[report + 1 :]))
    clock = read_date(made[0]) if made else None
    return FileName(
        concentrator if _CONCENTRATOR.fullmatch(concentrator) else "",
        int(request, 16) if _REQUEST.fullmatch(request) else None,
        clock.local if clock else None,
    )
