from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

#: A spreadsheet takes a text that begins with one of these for a formula; some do so with the wide and small forms of
#: East Asian keyboards as well.
FORMULA_STARTS = (
    *("=", "+", "-", "@", "\t", "\r"),
    *("\uff1d", "\uff0b", "\uff0d", "\uff20"),
    *("\ufe66", "\ufe62", "\ufe63", "\ufe6b"),
)
#: Those that numbers begin with, or what stands for no value.
DASHES = ("-", "\uff0d", "\ufe63")
GUARD = "'"


class ExportColumn(NamedTuple):
    """A column by its ``name`` in the file, of at most 63 bytes, and its ``path`` in the query.

    Times are written in ``zone``, in UTC without one, as ISO 8601 with offset; in a workbook as the clock shows them.
    At the path ``own_zone`` stands the name of another zone for the rows that have one, else an empty text.
    What is ``only_in_sheets`` tells people apart what programs, which read the other formats, do not ask for (REP-9).
    """

    name: str
    path: str
    zone: ZoneInfo | None = None
    only_in_sheets: bool = False
    own_zone: str = ""


@runtime_checkable
class ComputedRows(Protocol):
    """Rows that no single query has, to be exported as those of a query are."""

    def values(self, paths: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Of each row its values at ``paths``."""

    def types(self, paths: Sequence[str]) -> list[str]:
        """Django's names of the types of these values."""


Rows: TypeAlias = "QuerySet[Any] | ComputedRows"


def for_programs(columns: Sequence[ExportColumn]) -> list[ExportColumn]:
    return [column for column in columns if not column.only_in_sheets]


def escape_formula(value: Any) -> Any:
    """``value``, with an apostrophe before it if it is a text that a spreadsheet would take for a formula."""
    return f"{GUARD}{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def unescape_formula(text: str) -> str:
    """``text`` without the apostrophe that ``escape_formula``, or the user of a spreadsheet, has put before it."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(FORMULA_STARTS) else text
