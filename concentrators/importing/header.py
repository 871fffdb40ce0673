"""The first line of an installation file: which column is where (CON-5)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import override

from concentrators.importing.columns import (
    AUTHENTICATION,
    CIPHERED_ONLY,
    COMPARED_NAMES,
    KEY_NAMES,
    PASSWORD,
    READ_NAMES,
    REQUIRED,
    SYSTEM_TITLE,
    UNICAST,
    field_of,
)
from concentrators.importing.errors import UnreadableFile, shown
from concentrators.keys.rules import is_like_a_key
from concentrators.tables import ConcentratorTable
from smmeplus.common.text import some_of

KNOWN = (*READ_NAMES, *COMPARED_NAMES)
#: Names of columns in the exports of reports.
EXPORTED = {"concentrator_name": "serial_number", "spontaneous_profile": "profile"}
#: What pages call them besides.
OTHER_LABELS = {
    "serial_number": [_l("concentrator name")],
    "customers": [_l("customers")],
    "time_zone": [_l("zone")],
    SYSTEM_TITLE: [_l("System title")],
    UNICAST: [_l("Unicast key")],
    AUTHENTICATION: [_l("Authentication key")],
    CIPHERED_ONLY: [_l("Ciphered only")],
}

NAMED = 5  # wrong columns that a message names


@dataclass(frozen=True)
class Header:
    """The columns of one kind of file, in the order of its template; those that are only ``compared`` besides.

    ``names`` tells them by the letters of everything they are called.
    """

    required: tuple[str, ...]
    read: tuple[str, ...]
    names: Callable[[], Mapping[str, str]]
    compared: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.read, *self.compared)


def columns_of(cells: Sequence[str], header: Header | None = None) -> tuple[str, ...]:
    """The names of the columns, in the order of the file; by default one of an installation file.

    Takes any order, the names of our exports, and the labels of our pages in each language; without regard to case,
    accents, blanks and signs. Raises UnreadableFile that lists everything that is wrong, and what would be right.
    """
    header = header or INSTALLATION
    names = named(cells, header)
    problems = [*_unnamed(names), *_unknown(names, header), *_doubled(names, header), *_missing(names, header)]
    if problems:
        raise UnreadableFile(" ".join([*problems, _what_is_right(header)]))
    return tuple(names)


def named(cells: Sequence[str], header: Header) -> list[str]:
    """What ``header`` calls the columns; one that it does not know by what stands there."""
    known = header.names()
    names = [known.get(letters(cell)) or "_".join(cell.lower().split()) for cell in cells]
    while names and not names[-1]:  # Excel ends lines with empty cells
        names.pop()
    return names


@cache
def _names() -> dict[str, str]:
    """The columns by the letters of everything they are called."""
    called = {name: name for name in KNOWN} | EXPORTED
    for language, _language in settings.LANGUAGES:
        with override(language):
            called |= {label: name for name in KNOWN for label in _labels(name)}
    return {letters(label): name for label, name in called.items()}


def _labels(name: str) -> list[str]:
    """What ``name`` is called on our pages, in the present language."""
    labels = [*OTHER_LABELS.get(name, ())]
    if name != PASSWORD and name not in KEY_NAMES:
        labels.append(field_of(name).verbose_name)
    if name in ConcentratorTable.base_columns:
        labels.append(ConcentratorTable.base_columns[name].verbose_name)
    return [str(label) for label in labels]


def letters(label: str) -> str:
    """``label`` as it is compared: ``numerodeserie`` for ``Número de serie *``."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", label.casefold())))


def _unnamed(names: list[str]) -> list[str]:
    numbers = [str(number) for number, name in enumerate(names, start=1) if not name]
    return [_("No name in the header for column %s.") % _some(numbers)] if numbers else []


def _unknown(names: list[str], header: Header) -> list[str]:
    unknown = list(dict.fromkeys(name for name in names if name and name not in header.known))
    return [_("Unknown in the header: %s.") % _some(unknown)] if unknown else []


def _doubled(names: list[str], header: Header) -> list[str]:
    doubled = [name for name, count in Counter(names).items() if name in header.known and count > 1]
    return [_("Twice in the header: %s.") % _some(doubled)] if doubled else []


def _missing(names: list[str], header: Header) -> list[str]:
    missing = [name for name in header.required if name not in names]
    return [_("Missing in the header: %s.") % ", ".join(missing)] if missing else []


def _what_is_right(header: Header) -> str:
    said = _("The first line names the columns: %(needed)s is needed; these may stand there, too: %(others)s.")
    if len(header.required) > 1:
        said = _("The first line names the columns: %(needed)s are needed; these may stand there, too: %(others)s.")
    others = (name for name in header.read if name not in header.required)
    return said % {"needed": ", ".join(header.required), "others": ", ".join(others)}


def _some(names: list[str]) -> str:
    """Those of a file without a header are the cells of its first row, and so may be keys."""
    return some_of([_("a key") if is_like_a_key(name) else shown(name) for name in names], NAMED)


INSTALLATION = Header((REQUIRED,), READ_NAMES, _names, COMPARED_NAMES)
