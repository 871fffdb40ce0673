"""What a list of meters says, whatever it came as: the shape between reading (MET-2) and storing (MET-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from concentrators.models.meters import MeterKind, MeterSource, MeterState


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that nobody could read, or a part of one: ``reason`` in words, ``seen`` what stood there."""

    line: int
    meter: str
    reason: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class ListedMeter:
    """One row. None and "" mean that the list says nothing of it; times are aware; ``level`` counts repeaters.

    Of S11 the ``name`` is empty and ``mac`` says which meter it is. ``day`` is the one that ``availability`` and
    ``changes`` are of (G02).
    """

    name: str
    state: MeterState | None = None
    active: bool | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    kind: MeterKind | None = None
    manufacturer: str = ""
    type: str = ""
    mac: str = ""
    level: int | None = None
    repeater: str = ""
    lnid: int | None = None
    sid: int | None = None
    lsid: int | None = None
    phase: str = ""
    rx_level: float | None = None
    snr: float | None = None
    availability: float | None = None
    changes: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class ReceivedList:
    """A list of one concentrator, whose key is known. ``listed_at`` is aware; only a ``whole`` one misses meters."""

    concentrator_id: int
    source: MeterSource
    listed_at: datetime
    whole: bool
    sha256: str
    rows: Sequence[ListedMeter] = ()
    bad_rows: Sequence[BadRow] = ()
    version: str = ""
    request_id: int | None = None
    file_name: str = ""
    received_by: int | None = field(default=None)
