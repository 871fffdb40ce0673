"""The cells of a heat map: what came in an hour, or on a day, of what was expected (CON-6, REP-7)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.charts.heat_map import HeatCell

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Level(StrEnum):
    """How an hour or a day went. The values are classes of charts.css."""

    FULL = "full"
    PARTIAL = "partial"
    MISSED = "missed"
    RECEIVED = "received"
    IDLE = "idle"
    NO_DATA = "no-data"

    @property
    def label(self) -> StrPromise:
        return _LABELS[self]

    @classmethod
    def of(cls, received: int, expected: int, *, is_in_field: bool) -> Level:
        if expected:
            return cls.FULL if received >= expected else cls.PARTIAL if received else cls.MISSED
        if received:
            return cls.RECEIVED
        return cls.IDLE if is_in_field else cls.NO_DATA


_LABELS = {
    Level.FULL: _l("all that were expected"),
    Level.PARTIAL: _l("some"),
    Level.MISSED: _l("none"),
    Level.RECEIVED: _l("some, none expected"),
    Level.IDLE: _l("none was due"),
    Level.NO_DATA: _l("no data"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What came, and what was expected, up to now where the hour or day is not over yet."""

    received: int
    expected: int
    level: Level

    @property
    def figures(self) -> str:
        """What came, and what was expected where that is more: ``6``, ``5/6``, ``0/6``, ``0``, ``—``."""
        if self.level is Level.NO_DATA:
            return "—"
        if self.level in (Level.PARTIAL, Level.MISSED):
            return f"{self.received}/{self.expected}"
        return str(self.received)

    @property
    def share(self) -> float:
        """The part of what was expected that came, at most 1."""
        return self.received / self.expected if self.level is Level.PARTIAL else 1.0

    def drawn(self, label: str) -> HeatCell:
        """The cell in a picture; ``label`` says of when it is."""
        return HeatCell(self.level, f"{label} · {self._in_words()}", self.share)

    def _in_words(self) -> str:
        if self.level in (Level.NO_DATA, Level.IDLE):
            return str(self.level.label)
        if self.expected:
            return _("%(came)d of %(due)d") % {"came": self.received, "due": self.expected}
        return str(self.received)


class HeatMap(ABC):
    """What the map of hours and the map of days have in common."""

    @property
    @abstractmethod
    def cells(self) -> Iterable[Cell]:
        """All of them, in any order."""

    @cached_property
    def legend(self) -> list[tuple[Level, int]]:
        counts = Counter(cell.level for cell in self.cells)
        return [(level, counts[level]) for level in Level if counts[level]]

    @property
    def legend_in_words(self) -> str:
        return "; ".join(_("%(what)s: %(n)d") % {"what": level.label, "n": n} for level, n in self.legend)
