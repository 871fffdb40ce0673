from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.auth.models import User

from concentrators.meters.importing.outcome import Imported
from concentrators.models import Company
from smmeplus.common.progress import Progress


@dataclass
class Work:
    """One file, for whom it is taken and how. ``dated`` is the date of what states none."""

    content: bytes
    name: str
    company: Company | None
    user: User | None
    whole: bool
    dry_run: bool
    now: datetime
    dated: datetime
    progress: Progress
    imported: Imported

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def sheet_sha256(self) -> str:
        """Of a spreadsheet: one that is said to be whole says more than the same one that is not."""
        return hashlib.sha256(self.content + b"\0whole").hexdigest() if self.whole else self.sha256

    @property
    def user_key(self) -> int | None:
        return self.user.pk if self.user else None
