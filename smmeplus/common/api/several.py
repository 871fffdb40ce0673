"""Several values of one filter: rows match that match any of them (API-1).

A filter of a page has one value. The API takes several of each that compares with one out of many: choices, serial
numbers, keys. They have commas between them, or the parameter is repeated; a choice that has a comma itself is one
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Final

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

#: So many values at most.
MOST_VALUES: Final = 100


def values_of(request: Request, name: str) -> list[str]:
    """All values that are asked for of a parameter whose values have no commas, none twice."""
    texts = [text for given in request.query_params.getlist(name) for text in given.split(",")]
    return list(dict.fromkeys(texts))


def takes_several(one: django_filters.Filter) -> bool:
    """Whether ``one`` compares with a value: it does not search, and is no end of an interval."""
    if isinstance(one, django_filters.NumberFilter):
        return one.lookup_expr == "exact" and (one.method is None or getattr(one, "is_key", False))
    return isinstance(one, django_filters.ChoiceFilter) or hasattr(one, "any_of")


def names_of_several(filterset_class: Any) -> set[str]:
    """The filters of which several values may be asked for."""
    filters: Mapping[str, Any] = filterset_class.base_filters
    return {name for name, one in filters.items() if takes_several(one) and name not in filterset_class.single}


def names_with_several(request: Request, filterset_class: Any) -> set[str]:
    """Those of them of which several are asked for, or one with a comma."""
    given = ((name, request.query_params.getlist(name)) for name in names_of_several(filterset_class))
    return {name for name, texts in given if len(texts) > 1 or any("," in text for text in texts)}


def read_several(given: Iterable[str], field: Any) -> tuple[list[Any], list[ErrorDetail]]:
    """The values that the form's ``field`` makes of the texts ``given``, none twice, and what is wrong with them."""
    texts = [one for text in given for one in _parts(text, field)]
    if len(texts) > MOST_VALUES:
        return [], [ErrorDetail(_("At most %(most)d values.") % {"most": MOST_VALUES}, "max_length")]
    read = [_read(text, field) for text in dict.fromkeys(texts)]
    wrong = [value for value in read if isinstance(value, ErrorDetail)]
    return [value for value in read if not isinstance(value, ErrorDetail)], wrong


def _parts(text: str, field: Any) -> list[str]:
    choices = (str(value) for value, _label in getattr(field, "choices", ()))
    return [text] if "," in text and text in choices else text.split(",")


def _read(text: str, field: Any) -> Any:
    """What ``field`` makes of ``text``, or an ErrorDetail."""
    if not text:
        return ErrorDetail(_("Empty; leave it out to have all."), "empty")
    try:
        return field.clean(text)
    except ValidationError as error:
        return ErrorDetail(f"{text}: {' '.join(error.messages)}", error.error_list[0].code or "invalid")


def any_of(filterset: Any, name: str, rows: QuerySet[Any], values: Sequence[Any]) -> QuerySet[Any]:
    """Those of ``rows`` that the filter ``name`` finds by any of ``values``."""
    one = filterset.filters[name]
    if hasattr(one, "any_of"):
        found: QuerySet[Any] = one.any_of(rows, values)
        return found
    if one.method is None and type(one).filter in _PLAIN:
        return rows.filter(**{f"{one.field_name}__in": values})
    return reduce(or_, (one.filter(rows, value) for value in values))


_PLAIN: Final = (django_filters.Filter.filter, django_filters.ChoiceFilter.filter)
