"""Which meters a typed or pasted text means: names, MACs in any form, supply points (MET-6)."""

from __future__ import annotations

from typing import Any, TypeVar

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from concentrators.finding import NAMED, Sought
from concentrators.meters.topology.rules import canonical
from smmeplus.common.lists import ListFilterSet
from smmeplus.common.text import some_of

_Row = TypeVar("_Row", bound=Model)
_LEAST_OF_MAC = 4  # digits, from which on a part of a MAC is searched for


def matching(rows: QuerySet[_Row], text: str, path: str = "") -> QuerySet[_Row]:
    """The rows whose meter, at ``path`` such as ``meter__``, is meant by ``text``; nothing matches too long a list."""
    sought = Sought.of(text)
    if sought.is_too_long:
        return rows.none()
    if sought.words:
        return rows.filter(_is_one_of(sought.words, path) | _has(sought.phrase, path))
    return rows.filter(_has(sought.phrase, path)) if sought.phrase else rows


def not_found(rows: QuerySet[Any], text: str, path: str = "") -> str:
    """Says which of a list of names and MACs are not among ``rows``; empty if ``text`` is no such list. One query."""
    sought = Sought.of(text)
    if sought.is_too_long or not sought.may_be_list:
        return ""
    names = rows.filter(_is_one_of(sought.words, path)).order_by().values_list(f"{path}name", f"{path}mac")
    found = {one for pair in names for one in pair}
    missing = [word for word in sought.words if word not in found and canonical(word) not in found]
    if not missing:
        return ""
    words = ngettext(
        "%(missing)d of the %(all)d that you search for is not in this list: %(names)s.",
        "%(missing)d of the %(all)d that you search for are not in this list: %(names)s.",
        len(missing),
    )
    return words % {"missing": len(missing), "all": len(sought.words), "names": some_of(missing, NAMED)}


def _is_one_of(words: tuple[str, ...], path: str) -> Q:
    return Q(**{f"{path}name__in": words}) | Q(**{f"{path}mac__in": [canonical(word) for word in words]})


def _has(phrase: str, path: str) -> Q:
    found = Q(**{f"{path}name__icontains": phrase}) | Q(**{f"{path}supply_point__icontains": phrase})
    mac = canonical(phrase)
    return found | Q(**{f"{path}mac__contains": mac}) if len(mac) >= _LEAST_OF_MAC else found


class MeterSearch(django_filters.CharFilter):  # type: ignore[misc] # untyped
    """A search by :func:`matching`, for a MeterSearchFilterSet."""

    def __init__(self) -> None:
        hint = {"type": "search", "placeholder": _l("Meter names, MACs, supply point")}
        super().__init__(label=_l("Search"), widget=forms.TextInput(hint))

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return matching(rows, text, self.parent.meter)


class MeterSearchFilterSet(ListFilterSet):
    """A FilterSet with a search of meters, which says what of a pasted list it did not find."""

    meter = ""  # the path from a row to its meter, such as ``meter__``
    q = MeterSearch()

    @property
    def not_found(self) -> str:
        text = "" if self.form.errors.get("q") else self.data.get("q", "")
        return not_found(self.qs, text, self.meter)
