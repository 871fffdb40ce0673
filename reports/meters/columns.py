"""How the cells of the reports on meters look: colour only where something is wrong, and never alone (UI-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import ConflictKind, MeterState
from concentrators.tables import ONE_LINE
from reports.meters.queries import KIND_WORDS, STATE_WORDS
from smmeplus.common.lists import NumberColumn

_STATES = {STATE_WORDS[state]: state for state in MeterState}
_COLOURS = {MeterState.PERMANENT_FAILURE: "danger", MeterState.TEMPORARY_FAILURE: "warning"}
_KINDS = {word: kind for kind, word in KIND_WORDS.items()}


def state_badge(word: str) -> str:
    """The state in the reader's words; in colour only where something is wrong."""
    state = _STATES.get(word)
    if state is None:
        return _("unknown")
    colour = _COLOURS.get(state)
    return format_html('<span class="badge text-bg-{}">{}</span>', colour, state.label) if colour else str(state.label)


def kind_badge(word: str) -> str:
    kind = _KINDS[word]
    if kind is not ConflictKind.LIVE:
        return str(kind.label)
    return format_html('<span class="badge text-bg-warning">{}</span>', kind.label)


class StateColumn(tables.Column):  # type: ignore[misc] # untyped
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(verbose_name=_l("state"), accessor="state_name", attrs=ONE_LINE, **kwargs)

    def render(self, value: str) -> str:
        return state_badge(value)


class PercentColumn(NumberColumn):
    """A percentage, with one digit behind the point."""

    def render(self, value: float) -> str:
        return formats.number_format(value, 1)


def meter_page(key: str) -> Callable[..., str | None]:
    """The address of the page of the meter whose key a row has at ``key``."""
    return _page("meters:page", key)


def conflict_page(key: str) -> Callable[..., str | None]:
    return _page("conflicts:page", key)


def _page(view: str, key: str) -> Callable[..., str | None]:
    def url(record: Any) -> str | None:
        found = tables.A(key).resolve(record, quiet=True)
        try:
            return reverse(view, args=[found]) if found else None
        except NoReverseMatch:
            return None

    return url
