from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

#: A spreadsheet takes a text that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


class ExportColumn(NamedTuple):
    """A column by its ``name`` in the file, of at most 63 bytes, and its ``path`` in the query.

    Times are written in ``zone``, in UTC without one, as ISO 8601 with offset.
    """

    name: str
    path: str
    zone: ZoneInfo | None = None


def escape_formula(value: Any) -> Any:
    """``value``, with an apostrophe before it if it is a text that a spreadsheet would take for a formula."""
    return f"{GUARD}{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def unescape_formula(text: str) -> str:
    """``text`` without the apostrophe that ``escape_formula``, or the user of a spreadsheet, has put before it."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(FORMULA_STARTS) else text
