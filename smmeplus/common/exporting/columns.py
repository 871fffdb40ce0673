"""What the columns of an exported file are."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportColumn(NamedTuple):
    """A column by its ``name`` in the file, of at most 63 bytes, and its ``path`` in the query.

    Times are written in ``zone``, in UTC without one, as ISO 8601 with offset.
    """

    name: str
    path: str
    zone: ZoneInfo | None = None


def escape_formula(value: Any) -> Any:
    """``value`` so that no spreadsheet takes a text for a formula: an apostrophe before it, which imports take off."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
