from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Manager, Model, QuerySet
from django.forms import BaseForm
from django.utils import formats
from django.utils.translation import gettext as _

from smmeplus.common.audit import shown_value


class StaleError(ValidationError):
    """Somebody else has stored other values since the form was opened. Keyed by field; says both values."""


def as_text(value: Any) -> str:
    """``value`` as it is compared: the same for what is stored and for what a form made of what was typed."""
    if value is None:
        return ""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Manager | QuerySet):
        return ",".join(sorted(str(one.pk) for one in value.all()))
    return str(value)


def stored_text(stored: Any, name: str) -> str:
    return as_text(getattr(stored, name))


def refuse_if_stale(form: BaseForm, stored: Any, seen: Mapping[str, str], names: Iterable[str]) -> None:
    """Raise StaleError if one of ``names`` was changed since ``seen``, to something else than what ``form`` has."""
    mine = form.cleaned_data
    known = [name for name in names if name in mine and name in seen]
    errors = {}
    for name in known:
        if stored_text(stored, name) not in (seen[name], as_text(mine[name])):
            errors[name] = both_values(stored, name, mine[name])
    elsewhere = [errors.pop(name) for name in known if name in errors and name not in form.fields]
    refuse(stored, errors, elsewhere)


def both_values(stored: Any, name: str, mine: Any) -> str:
    values = {"now": _in_words(stored, name, getattr(stored, name)), "mine": _in_words(stored, name, mine)}
    return _("Stored now: %(now)s. In your form: %(mine)s.") % values


def refuse(stored: Any, errors: Mapping[str, str], elsewhere: Sequence[str] = ()) -> None:
    """Raise StaleError if there are any ``errors``, by field, or ``elsewhere``, of what the form has in parts."""
    if errors or elsewhere:
        said = _("%(change)s while you had this form open, so nothing was stored. Save again to store what is in it.")
        raise StaleError({NON_FIELD_ERRORS: [said % {"change": last_change(stored)}, *elsewhere], **errors})


def last_change(stored: Any) -> str:
    """Who changed it last and when, as the beginning of a sentence."""
    row = stored.history.select_related("history_user").first() if hasattr(stored, "history") else None
    if row is None:
        return _("“%(name)s” was changed by somebody") % {"name": stored}
    return _("“%(name)s” was changed by %(user)s at %(at)s UTC") % _who_and_when(row, stored)


def deletion_in_words(model: Any, key: object) -> str:
    """Who deleted the row of ``model`` with ``key``, and when. The history of ``model`` may be told to everybody."""
    row = model.history.select_related("history_user").filter(id=key, history_type="-").first()
    if row is None:
        return _("Somebody has just deleted this.")
    return _("“%(name)s” was deleted by %(user)s at %(at)s UTC.") % _who_and_when(row, row.name)


def _who_and_when(row: Any, name: object) -> dict[str, object]:
    at = formats.date_format(row.history_date, "DATETIME_FORMAT")
    return {"name": name, "user": row.history_user or _("the system"), "at": at}


def _in_words(stored: Any, name: str, value: Any) -> str:
    if isinstance(value, Manager | QuerySet):
        return ", ".join(map(str, value.all())) or "—"
    return str(value) if isinstance(value, Model) else shown_value(value, stored._meta.get_field(name))
