"""The rows of a file of meters in words (MET-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from concentrators.models import Meter, MeterFileRow, MeterKind, MeterState, Sighting
from concentrators.upload.wording import NOTHING, Difference

_FIELDS = {field.name: field for model in (Sighting, Meter) for field in model._meta.concrete_fields}
_TIMES = frozenset({"in_master_since", "retired_at", "first_seen", "last_seen"})


def differences(row: MeterFileRow, zone: tzinfo) -> Iterator[Difference]:
    """What ``row`` says or changes, with times in ``zone``."""
    for name, before, after in row.says:
        label = capfirst(str(_FIELDS[name].verbose_name)) if name in _FIELDS else name
        yield Difference(label, "" if before in (None, "") else _value(name, before, zone), _value(name, after, zone))


def _value(name: str, value: Any, zone: tzinfo) -> str:
    if value in (None, ""):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in _TIMES:
        return formats.date_format(datetime.fromisoformat(value).astimezone(zone), "DATETIME_FORMAT")
    if name == "state":
        return str(MeterState(value).label)
    return str(MeterKind(value).label) if name == "kind" else formats.localize(value)
