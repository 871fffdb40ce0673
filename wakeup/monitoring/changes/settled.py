"""Up to which change of status all are committed: who reads on from a key would else miss one that is late."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from wakeup.locks import await_changes
from wakeup.models import StatusChange


def last_settled() -> int:
    """The highest key of a change. All changes with lower ones are committed."""
    with transaction.atomic():
        await_changes()
        return StatusChange.objects.aggregate(last=Max("pk"))["last"] or 0
