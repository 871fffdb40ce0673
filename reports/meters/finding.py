"""Which meters a text means: a part of a name, a MAC in whatever form, or several names (REP-6, MET-4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from concentrators.finding import NAMED, Sought, too_long
from concentrators.models import Meter
from concentrators.models.meters.inventory import METER_NAME
from smmeplus.common.text import some_of

FEW = 1_000
_NAME = re.compile(METER_NAME)
_PAIR = "[0-9A-F]{2}"
#: Of 48 or 64 bits, with or without colons or hyphens, with or without 0x.
_MAC = re.compile(rf"(?:0X)?{_PAIR}(?:[:-]?{_PAIR}){{5}}(?:(?:[:-]?{_PAIR}){{2}})?")


def matching(rows: QuerySet[Any], text: str, companies: Collection[int]) -> QuerySet[Any]:
    """The rows whose ``meter``, one of ``companies``, the text means.

    A single word is looked up among the meters first: within the query of the rows the database would rather go through
    millions of them in their order than guess how few match. One query then.
    """
    sought = Sought.of(text)
    if sought.is_too_long:
        return rows.none()
    if sought.words:
        return rows.filter(meter__name__in=_names(sought))
    if not sought.phrase:
        return rows
    found = meters_of(Meter.objects.filter(company__in=companies).order_by(), text)
    keys = list(found.values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(meter__in=keys if len(keys) <= FEW else found)


def meters_of(meters: QuerySet[Meter], text: str) -> QuerySet[Meter]:
    """Those of ``meters`` that the text means."""
    sought = Sought.of(text)
    if sought.is_too_long:
        return meters.none()
    if sought.words:
        return meters.filter(name__in=_names(sought))
    return meters.filter(_of_one(sought.phrase.upper())) if sought.phrase else meters


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


def _names(sought: Sought) -> list[str]:
    return [word for word in sought.words if _NAME.fullmatch(word)]


def _of_one(word: str) -> Q:
    """That the name has ``word`` in it, or that it is the MAC."""
    condition = Q(name__contains=word) if _NAME.fullmatch(word) else Q(pk__in=[])
    return condition | Q(mac=re.sub("^0X|[:-]", "", word)) if _MAC.fullmatch(word) else condition
