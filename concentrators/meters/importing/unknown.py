"""Lists of concentrators that are in nobody's inventory (LIS-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from django.dispatch import Signal

from concentrators.meters.importing.work import Work
from concentrators.models import MeterSource

#: Sent with ``serial``, ``file_name``, ``content`` (the whole file), ``source`` (a MeterSource) and ``at``, for each
#: such concentrator of a file that is taken.
unknown_list = Signal()

#: Of one file: who invents serial numbers must not keep the database busy, and the inbox has fewer places for them.
MOST_TOLD = 1_000


def tell_inbox(work: Work, serials: Iterable[str], sources: Mapping[str, MeterSource]) -> None:
    """Not of a dry run. What ``sources`` does not name came in a spreadsheet."""
    if work.dry_run:
        return
    for serial in islice(serials, MOST_TOLD):
        unknown_list.send(
            sender=None,
            serial=serial,
            file_name=work.name,
            content=work.content,
            source=sources.get(serial, MeterSource.CSV),
            at=work.now,
        )
