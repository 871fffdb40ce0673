"""The filters of the pages, but strict: a program that misspells one must not get all rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from smmeplus.common.api.several import any_of, names_of_several, names_with_several, read_several

CHOICES_NAMED = 20  # at most, if a value is not one of them


class StrictFilters(DjangoFilterBackend):
    """Applies the view's FilterSet; raises ValidationError for unknown, repeated, empty or wrong parameters.

    It leaves that FilterSet as ``view.filterset`` to views that answer with more than its rows.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if view.detail:
            refuse_unknown(request, set())
            return queryset
        filterset: Any = self.get_filterset(request, queryset, view)
        view.filterset = filterset
        filters = filterset.filters if filterset else {}
        may_repeat = names_of_several(type(filterset)) if filterset else set()
        refuse_unknown(request, {*filters, *getattr(view, "parameters", ())}, may_repeat)
        return queryset if filterset is None else _matching(request, filterset)

    def get_filterset_kwargs(self, request: Request, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        """A FilterSet reads one value of each parameter; those with several are read here."""
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        data = request.query_params.copy()
        for name in names_with_several(request, self.get_filterset_class(view, queryset)):
            del data[name]
        return kwargs | {"data": data}


def _matching(request: Request, filterset: Any) -> QuerySet[Any]:
    wrong = _read_several(request, filterset)
    if wrong or not filterset.is_valid():
        raise ValidationError(_errors(filterset.form) | wrong)
    _check_values(request, filterset)
    rows: QuerySet[Any] = filterset.qs
    for name, values in filterset.several.items():
        rows = any_of(filterset, name, rows, values)
    return rows


def _read_several(request: Request, filterset: Any) -> dict[str, list[Any]]:
    """Tell ``filterset`` of what several values are asked for; returns what is wrong with them."""
    found, wrong = {}, {}
    for name in names_with_several(request, type(filterset)) & filterset.filters.keys():
        field = filterset.form.fields[name]
        values, errors = read_several(request.query_params.getlist(name), field)
        if errors:
            wrong[name] = [*errors, *_choices(field)]
        found[name] = values
    filterset.several = found
    return wrong


def refuse_unknown(request: Request, known: Collection[str], may_repeat: Collection[str] = ()) -> None:
    """Raises ValidationError for parameters that are none of ``known``, empty or, but for some, repeated."""
    wrong = {}
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(sorted(known)) or _("none")
            said = _("There is no such parameter here. Known: %(names)s.") % {"names": names}
            wrong[name] = ErrorDetail(said, "unknown_parameter")
        elif len(values) > 1 and name not in may_repeat:
            wrong[name] = ErrorDetail(_("Given more than once."), "repeated")
        elif not all(values):
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
    wrong |= _refusals(request, filterset)
    if wrong:
        raise ValidationError(wrong)


def _refusals(request: Request, filterset: Any) -> dict[str, Any]:
    """The same of what several values are asked for."""
    found = {}
    for name, values in filterset.several.items():
        refusals = getattr(filterset.filters[name], "refusals", None)
        if refusals and (said := refusals(request.user, values)):
            found[name] = said
    return found


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
