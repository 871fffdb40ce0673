"""Time zones of the IANA database, and which of them a company may have: those of real places."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DataError, connection, models, transaction
from django.utils.translation import gettext as _


@cache
def places() -> tuple[str, ...]:
    """Zones such as America/Santiago, and UTC.

    The database has names that mean another thing on each machine (localtime, posixrules), that count leap seconds
    (right/…), or that are no place (Factory, EST).
    """
    named = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return ("UTC", *sorted(named))


@cache
def _by_letters() -> dict[str, str]:
    return {place.casefold(): place for place in places()}


def spelt(name: str) -> str:
    """``name`` as its database spells it, whatever the case and with blanks for ``_``; unknown ones as given."""
    return _by_letters().get("_".join(name.split()).casefold(), name)


def is_zone(name: str) -> bool:
    """Whether it is any zone that Python knows, as files of others may name it."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def validate_zone(name: str) -> None:
    """Raise ValidationError unless ``name`` is one of ``places``, and known to the database, too."""
    if name not in places():
        raise ValidationError(
            _("“%(name)s” is not a time zone; write it like America/Santiago or Europe/Rome.") % {"name": name}
        )
    if not _is_known_to_database(name):
        raise ValidationError(
            _("The database does not know the time zone “%(name)s”; its own time zones have to be updated first.")
            % {"name": name}
        )


def _is_known_to_database(name: str) -> bool:
    """PostgreSQL has zones of its own, and computes local times of exported files by them."""
    if connection.vendor != "postgresql":
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT timezone(%s, TIMESTAMPTZ '2027-01-01 00:00+00')", [name])
    except DataError:
        return False
    return True


class ZoneField(models.CharField[str, str]):
    """The name of a zone, spelt rightly. The table has an ordinary column, so migrations know nothing of it."""

    default_validators = [validate_zone]

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(spelt(value) if isinstance(value, str) else value, model_instance)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class ZoneInput(forms.TextInput):
    """A text field that proposes the places as one types."""

    template_name = "widgets/zone.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["places"] = places()
        context["widget"]["attrs"]["list"] = f"{name}-places"
        return context
