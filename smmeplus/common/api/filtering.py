"""The filters of the pages, but strict: a program that misspells one must not get all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

CHOICES_NAMED = 20  # at most, if a value is not one of them


class StrictFilters(DjangoFilterBackend):
    """Applies the view's FilterSet; raises ValidationError for unknown, repeated, empty or wrong parameters.

    It leaves that FilterSet as ``view.filterset`` to views that answer with more than its rows.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if view.detail:
            refuse_unknown(request, set())
            return queryset
        filterset = view.filterset = self.get_filterset(request, queryset, view)
        refuse_unknown(request, {*(filterset.filters if filterset else ()), *getattr(view, "parameters", ())})
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationError(_errors(filterset.form))
        _check_values(request, filterset)
        rows: QuerySet[Any] = filterset.qs
        return rows


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raises ValidationError for parameters that are none of ``known``, empty or repeated."""
    wrong = {}
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(sorted(known)) or _("none")
            said = _("There is no such parameter here. Known: %(names)s.") % {"names": names}
            wrong[name] = ErrorDetail(said, "unknown_parameter")
        elif len(values) > 1:
            wrong[name] = ErrorDetail(_("Given more than once."), "repeated")
        elif not values[0]:
            wrong[name] = ErrorDetail(_("Empty; leave it out to have all."), "empty")
    if wrong:
        raise ValidationError(wrong)


def _check_values(request: Request, filterset: Any) -> None:
    """Refuse what can match nothing: an interval that ends before it begins, and what is not there.

    Of a filter whose values may be unknown, ``refusal`` says what is wrong with one.
    """
    values, wrong = filterset.form.cleaned_data, {}
    for begin, end in _intervals(values):
        if values[begin] and values[end] and values[end] < values[begin]:
            wrong[end] = ErrorDetail(_("This is before “%(begin)s”.") % {"begin": begin}, "reversed")
    for name, one in filterset.filters.items():
        refusal = getattr(one, "refusal", None)
        said = refusal(request.user, values[name]) if refusal and values.get(name) else None
        if said:
            wrong[name] = said
    if wrong:
        raise ValidationError(wrong)


def _intervals(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Such as ``received_from`` and ``received_to``, ``from_day`` and ``to_day``."""
    for name in names:
        other = f"to_{name.removeprefix('from_')}" if name.startswith("from_") else f"{name.removesuffix('_from')}_to"
        if name != other and other in names and name.startswith("from_") | name.endswith("_from"):
            yield name, other


def _errors(form: forms.Form) -> dict[str, list[str]]:
    return {name: [*_coded(errors), *_choices(form.fields.get(name))] for name, errors in form.errors.items()}


def _coded(errors: Any) -> list[ErrorDetail]:
    return [ErrorDetail(text, error.code or "invalid") for text, error in zip(errors, errors.as_data(), strict=True)]


def _choices(field: forms.Field | None) -> list[str]:
    """The possible choices, without those of other companies."""
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    values = [str(value) for value, _label in choices if value != ""]
    if not choices or len(values) > CHOICES_NAMED:
        return []
    said = _("Choose one of: %(values)s.") % {"values": ", ".join(values) or _("none")}
    return [ErrorDetail(said, "invalid_choice")]
