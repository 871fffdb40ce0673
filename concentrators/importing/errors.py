from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

SHOWN = 60  # characters of a wrong value


class UnreadableFile(Exception):  # noqa: N818 - named for what the operator has
    """The file is not a table of concentrators. The message is for the operator."""


class RowsRejected(Exception):  # noqa: N818
    """The file has errors and “only the good rows” was not chosen. Nothing was written."""


class InventoryChanged(Exception):  # noqa: N818
    """The inventory has changed since the file was checked. Nothing was written.

    ``serials`` are of the concentrators that have changed; none if it was something else.
    """

    def __init__(self, message: str, serials: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.serials = serials


class RowError(NamedTuple):
    """An error in one cell or, if ``column`` is empty, in one row. ``line`` counts from 1, as in an editor."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        words = {"line": self.line, "column": self.column, "value": self.shown_value, "reason": self.reason}
        if not self.column:
            return _("line %(line)d: %(reason)s") % words
        if not self.value:
            return _("line %(line)d, %(column)s: %(reason)s") % words
        return _("line %(line)d, %(column)s “%(value)s”: %(reason)s") % words

    @property
    def shown_value(self) -> str:
        return shown(self.value)


def storable(value: str) -> str:
    """``value`` as every database stores it in JSON: without NUL and halves of characters, which files may hold."""
    return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def shown(value: str) -> str:
    """``value`` on one line of a screen: cut to 60 characters, without control characters."""
    visible = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}…"
