"""Describes rows of django-simple-history: who changed what, when, from what to what (ACC-3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Field, ForeignKey, IntegerField, Model, OuterRef, QuerySet, Subquery, When
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from smmeplus.common.acting import BY

HIDDEN_FIELDS = frozenset({"name_folded", "id"})
#: The rows of an action are counted up to this: counting 400,000 would take longer than the rest of the page.
MOST_COUNTED = 10_000
#: The reason that a bulk change writes into its rows: its word and its id, ``installation 9f0c…``. The word is shown
#: translated, except that installation files write a shorter one.
_REASON = re.compile(r"(?P<word>.+) (?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
#: Before it, or alone: the token by which a program has made the change.
_BY = re.compile(rf"{BY}(?P<token>[^\t]+)(?:\t(?P<reason>.+))?")
_LONGER_WORDS = {"file": gettext_noop("installation file")}


class BulkAction(NamedTuple):
    """The bulk action that a change was part of; ``others`` counts what else it changed, up to MOST_COUNTED."""

    word: str
    id: str
    others: int

    @property
    def is_beyond_counting(self) -> bool:
        return self.others >= MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    user: str
    what: str
    action: BulkAction | None = None
    token: str = ""  # by which a program of the user made it: how it begins, and its name

    @property
    def who(self) -> str:
        who = {"user": self.user, "token": self.token}
        return _("%(user)s, by the API token %(token)s") % who if self.token else self.user


class _Number(Subquery):
    """The number of rows of a subquery, which may have a limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def changes_of(thing: Any, limit: int = 20) -> list[Change]:
    """The last ``limit`` changes of a model instance with history, newest first. One query."""
    rows = list(_history_of(thing)[: limit + 1])
    pairs = [*pairwise(rows), (rows[-1], None)] if rows else []
    return [_change(row, before) for row, before in pairs[:limit]]


def _change(row: Any, before: Any) -> Change:
    user, token = str(row.history_user or _("the system")), _read(row.history_change_reason)[1]
    return Change(row.history_date, user, _in_words(row, before), _action(row), token)


def _read(reason: str | None) -> tuple[str, str]:
    """What is said of the change, and the token by which it was made; each may be empty."""
    match = _BY.fullmatch(reason or "")
    return (match["reason"] or "", match["token"]) if match else (reason or "", "")


def _history_of(thing: Any) -> QuerySet[Any]:
    """The history rows, with the related rows that are shown: users, foreign keys, the sizes of actions."""
    model = thing.history.model
    keys = [field for field in model.tracked_fields if isinstance(field, ForeignKey)]
    names = {_last_name_of(key): _last_name(key) for key in keys if _keeps_names(key)}
    size = Case(When(history_change_reason__isnull=False, then=_size_of_action(model)))
    rows: QuerySet[Any] = thing.history.select_related("history_user", *(key.name for key in keys))
    return rows.annotate(size_of_action=size).annotate(**names)  # type: ignore[no-any-return] # names of annotations


def _size_of_action(model: Any) -> _Number:
    """The number of rows with the same reason as the outer row. They have the same time, too, which has an index.

    The time is compared as a range of one instant: for an equality PostgreSQL would plan for the largest actions, and
    read the whole table for the smallest.
    """
    at = OuterRef("history_date")
    rows = model.objects.filter(
        history_date__gte=at, history_date__lte=at, history_change_reason=OuterRef("history_change_reason")
    )
    return _Number(rows.order_by().values("pk")[: MOST_COUNTED + 1])


def _keeps_names(key: ForeignKey[Any, Any]) -> bool:
    """Whether history has the name of what ``key`` refers to, even after that was deleted."""
    history = getattr(key.related_model, "history", None)
    return history is not None and any(field.name == "name" for field in history.model.tracked_fields)


def _last_name_of(key: ForeignKey[Any, Any]) -> str:
    return f"last_name_of_{key.name}"


def _last_name(key: Any) -> Subquery:
    names = key.related_model.history.model.objects.filter(id=OuterRef(key.attname))
    return Subquery(names.order_by("-history_date", "-history_id").values("name")[:1], output_field=CharField())


def _action(row: Any) -> BulkAction | None:
    match = _REASON.fullmatch(_read(row.history_change_reason)[0])
    if match is None:
        return None
    word = _LONGER_WORDS.get(match["word"], match["word"])
    # Each word is a literal in gettext_noop where its change is defined, so that catalogues contain it.
    return BulkAction(translation.gettext(word), match["id"], row.size_of_action - 1)


def _in_words(row: Any, before: Any) -> str:
    if row.history_type == "+":
        return _("added")
    if row.history_type == "-":
        return _("deleted")
    if before is None:
        return _("changed")
    parts = [
        f"{field.verbose_name}: {_shown(before, field)} → {_shown(row, field)}" for field in _differing(row, before)
    ]
    return ", ".join(parts) or _("saved without a change")


def _differing(row: Any, before: Any) -> Iterator[Field[Any, Any]]:
    for field in row.tracked_fields:
        is_shown = field.editable and field.name not in HIDDEN_FIELDS
        if is_shown and getattr(row, field.attname) != getattr(before, field.attname):
            yield field


def _shown(row: Any, field: Field[Any, Any]) -> str:
    value = getattr(row, field.attname)
    if value is not None and isinstance(field, ForeignKey):
        return _name(row, field)
    return shown_value(value, field)


def shown_value(value: Any, field: Field[Any, Any]) -> str:
    """A value of ``field``, which is no key, as operators read it."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return _("true") if value else _("false")
    return str(dict(field.flatchoices).get(value, value))


def _name(row: Any, key: ForeignKey[Any, Any]) -> str:
    thing: Model | None = getattr(row, key.name)
    if thing is not None:
        return str(thing)
    last_name = getattr(row, _last_name_of(key), None) or f"{key.verbose_name} {getattr(row, key.attname)}"
    return _("%(name)s (deleted)") % {"name": last_name}
