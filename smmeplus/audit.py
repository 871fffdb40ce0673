"""Shows rows of django-simple-history in words: who changed what, when, from what to what (ACC-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

HIDDEN_FIELDS = frozenset({"name_folded", "id"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an object, in words."""

    at: datetime
    user: str
    what: str


def changes_of(thing: Any, limit: int = 20) -> list[Change]:
    """The last ``limit`` changes of a model instance with history, newest first."""
    rows = list(thing.history.select_related("history_user")[: limit + 1])
    pairs = [*pairwise(rows), (rows[-1], None)] if rows else []
    return [
        Change(row.history_date, str(row.history_user or _("the system")), _in_words(row, before))
        for row, before in pairs[:limit]
    ]


def _in_words(row: Any, before: Any) -> str:
    if row.history_type == "+":
        return _("added")
    if row.history_type == "-":
        return _("deleted")
    if before is None:
        return _("changed")
    delta = row.diff_against(before, excluded_fields=HIDDEN_FIELDS, foreign_keys_are_objs=True)
    parts = [f"{_label(row, part.field)}: {_shown(part.old)} → {_shown(part.new)}" for part in delta.changes]
    return ", ".join(parts) or _("saved without a change")


def _label(row: Any, field: str) -> str:
    return str(row.instance_type._meta.get_field(field).verbose_name)


def _shown(value: object) -> str:
    return "—" if value in (None, "") else str(value)
