"""Which meters a text means: a part of a name, a MAC in whatever form, or several names (REP-6, MET-4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from concentrators.finding import NAMED, Sought, too_long
from concentrators.models.meters.inventory import METER_NAME
from smmeplus.common.text import some_of

_NAME = re.compile(METER_NAME)
_PAIR = "[0-9A-F]{2}"
#: Of 48 or 64 bits, with or without colons or hyphens, with or without 0x.
_MAC = re.compile(rf"(?:0X)?{_PAIR}(?:[:-]?{_PAIR}){{5}}(?:(?:[:-]?{_PAIR}){{2}})?")


def matching(rows: QuerySet[Any], text: str, path: str = "meter__") -> QuerySet[Any]:
    """The rows whose meter, at ``path``, ``text`` means; all of them for no text."""
    sought = Sought.of(text)
    if sought.is_too_long:
        return rows.none()
    if sought.words:
        return rows.filter(**{f"{path}name__in": [word for word in sought.words if _NAME.fullmatch(word)]})
    return rows.filter(_of_one(sought.phrase.upper(), path)) if sought.phrase else rows


def names_found(rows: QuerySet[Any], text: str, path: str = "meter__") -> list[str] | None:
    """The name of the meter of each of ``rows``, if several names were searched for; one query then."""
    sought = Sought.of(text)
    if not sought.words or sought.is_too_long:
        return None
    return list(rows.order_by().values_list(f"{path}name", flat=True))


def not_found(found: Collection[str] | None, text: str) -> str:
    """Says which of several names are not ``found``; empty for a single one."""
    sought = Sought.of(text)
    if sought.is_too_long:
        return too_long(sought)
    known = set(found or ())
    missing = [word for word in sought.words if word not in known]
    if not missing:
        return ""
    words = ngettext(
        "%(missing)d of the %(all)d that you search for is not in this list: %(names)s.",
        "%(missing)d of the %(all)d that you search for are not in this list: %(names)s.",
        len(missing),
    )
    return words % {"missing": len(missing), "all": len(sought.words), "names": some_of(missing, NAMED)}


def _of_one(word: str, path: str) -> Q:
    condition = Q(**{f"{path}name__contains": word}) if _NAME.fullmatch(word) else Q(pk__in=[])
    return condition | Q(**{f"{path}mac": _canonical(word)}) if _MAC.fullmatch(word) else condition


def _canonical(mac: str) -> str:
    return re.sub("^0X|[:-]", "", mac)
