"""What can be wrong with an installation file (CON-5)."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

SHOWN = 60  # characters of a wrong value


class UnreadableFile(Exception):  # noqa: N818 # named for what the operator holds in his hands
    """The file is not a table of concentrators; the message is for the operator."""


class RowsRejected(Exception):  # noqa: N818
    """The file has errors and nobody chose “only the good rows”: nothing was written."""


class InventoryChanged(Exception):  # noqa: N818
    """What was checked is no longer so, because somebody else wrote meanwhile: nothing was written."""


class RowError(NamedTuple):
    """What is wrong in one cell, or with ``column`` empty in one row; ``line`` counts from 1 as editors do."""

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


def shown(value: str) -> str:
    """``value`` on one line of a screen: cut to 60 characters, without control characters."""
    visible = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}…"
