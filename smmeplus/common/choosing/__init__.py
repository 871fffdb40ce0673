"""Choosing any number of rows from a list of any size (CON-3, UI-7)."""

from smmeplus.common.choosing.forms import KeysField, SelectionForm
from smmeplus.common.choosing.selection import Selection

#: Events for static/selection.js: what was asked for is done; rows that are shown have been changed by others.
DONE, STALE = "selection:done", "selection:stale"

__all__ = ["DONE", "STALE", "KeysField", "Selection", "SelectionForm"]
