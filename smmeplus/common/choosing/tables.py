"""Tables to choose from."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from smmeplus.common.request import now_of

ONLY_SELECTED = "selected"


class ChoiceMixin:
    """Adds a column of boxes, the last one. The choice is kept in fields outside the table, called ``field``.

    ``kind`` is ``checkbox`` for any number of choices, ``radio`` for one. ``search`` is what *select all* stands for.
    """

    field: str
    kind: str
    search = ""
    request: HttpRequest
    prefix: str | None
    prefixed_page_field: str
    paginated_rows: Any
    selected: QuerySet[Any] | None = None  # of all that the list offers, if any number can be chosen
    paginator_class = Paginator  # “select all” states the whole number

    @property
    def shows_only_selected(self) -> bool:
        return only_selected(self.request, self.prefix or "")

    @property
    def other_url(self) -> str:
        """The address of the first page of what is selected alone or, from there, of everything."""
        query = self.request.GET.copy()
        query.pop(self.prefixed_page_field, None)
        name = f"{self.prefix or ''}{ONLY_SELECTED}"
        if query.pop(name, None) != ["1"]:
            query[name] = "1"
        return f"{self.request.path}?{query.urlencode()}"

    @cached_property
    def selected_total(self) -> int:
        return 0 if self.selected is None else self.selected.count()

    @property
    def shown_at(self) -> datetime:
        """Since then others may have changed what is chosen now."""
        return now_of(self.request)

    @cached_property
    def _selected_here(self) -> frozenset[int]:
        if self.selected is None:
            return frozenset()
        shown = [row.record.pk for row in self.paginated_rows]
        return frozenset(self.selected.filter(pk__in=shown).values_list("pk", flat=True))

    def label_of(self, record: Model) -> str:
        """What a box says to those who do not see its row."""
        return str(record)

    def render_choice(self, record: Model) -> str:
        return format_html(
            '<input class="form-check-input" type="{}" value="{}" data-keep="kept-{}" data-name="{}" '
            'aria-label="{}" autocomplete="off"{}>',
            self.kind,
            record.pk,
            self.field,
            self.field,
            self.label_of(record),
            SafeString(" checked") if record.pk in self._selected_here else "",
        )


def only_selected(request: HttpRequest, prefix: str = "") -> bool:
    """Whether the list is asked for what is selected alone."""
    return request.GET.get(prefix + ONLY_SELECTED) == "1"
