"""The first line of an installation file: which column is where (CON-5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from concentrators.importing.columns import READ_NAMES, REQUIRED
from concentrators.importing.errors import UnreadableFile, shown
from smmeplus.common.text import some_of

NAMED = 5  # wrong columns that a message names


def columns_of(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, in the order of the file.

    Ignores case, accepts spaces instead of underscores, and any order. Raises UnreadableFile that lists everything
    that is wrong, and what would be right.
    """
    names = ["_".join(cell.lower().split()) for cell in cells]
    while names and not names[-1]:  # Excel ends lines with empty cells
        names.pop()
    problems = [*_unnamed(names), *_unknown(names), *_doubled(names), *_missing(names)]
    if problems:
        raise UnreadableFile(" ".join([*problems, _what_is_right()]))
    return tuple(names)


def _unnamed(names: list[str]) -> list[str]:
    numbers = [str(number) for number, name in enumerate(names, start=1) if not name]
    return [_("No name in the header for column %s.") % _some(numbers)] if numbers else []


def _unknown(names: list[str]) -> list[str]:
    unknown = list(dict.fromkeys(name for name in names if name and name not in READ_NAMES))
    return [_("Unknown in the header: %s.") % _some(unknown)] if unknown else []


def _doubled(names: list[str]) -> list[str]:
    doubled = [name for name, count in Counter(names).items() if name in READ_NAMES and count > 1]
    return [_("Twice in the header: %s.") % _some(doubled)] if doubled else []


def _missing(names: list[str]) -> list[str]:
    return [] if REQUIRED in names else [_("Missing in the header: %s.") % REQUIRED]


def _what_is_right() -> str:
    return _("The first line names the columns: %(needed)s, and as you like %(others)s.") % {
        "needed": REQUIRED,
        "others": ", ".join(name for name in READ_NAMES if name != REQUIRED),
    }


def _some(names: list[str]) -> str:
    return some_of([shown(name) for name in names], NAMED)
