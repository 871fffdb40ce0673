"""Tables to choose from: concentrators, and the profile that they are given (CON-2…4)."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from concentrators.tables import ConcentratorColumns
from profiles.tables import ProfileColumns
from smmeplus.common.choosing.tables import ChoiceMixin


class SearchedChoice(ChoiceMixin):
    """A table to choose from that has a search of its own."""

    prefixed_order_by_field: str
    prefixed_per_page_field: str
    prefixed_page_field: str
    is_in_url = False

    def __init__(self, *args: Any, search: str, selected: QuerySet[Any] | None = None, **kwargs: Any) -> None:
        self.search = search
        self.selected = selected
        super().__init__(*args, **kwargs)

    @property
    def search_fields(self) -> list[str]:
        """The parameters that a search sends: its text, and the present order and page size."""
        return [f"{self.prefix}q", self.prefixed_order_by_field, self.prefixed_per_page_field]

    @property
    def search_url(self) -> str:
        """The address for a new search, without the parameters that it sends, and without the page number."""
        query = self.request.GET.copy()
        for name in (*self.search_fields, self.prefixed_page_field):
            query.pop(name, None)
        return f"{self.request.path}?{query.urlencode()}"


class ChooseConcentratorTable(SearchedChoice, ConcentratorColumns):
    """*Select concentrator*: any number, on any number of pages (CON-2, CON-3)."""

    choice = tables.Column(empty_values=(), orderable=False, verbose_name="")
    field = "concentrator"
    kind = "checkbox"
    target = "#choose-concentrators"
    caption = _l("Select concentrator")

    class Meta(ConcentratorColumns.Meta):
        sequence = ["serial_number", "type", "manufacturer", "choice"]
        prefix = "c-"
        empty_text = _l("There is no such concentrator of this company. Upload an installation file to add some.")


class ChooseInFieldTable(ChooseConcentratorTable):
    profile = tables.Column(verbose_name=_l("Spontaneous profile"), order_by="profile__name_folded")

    class Meta(ChooseConcentratorTable.Meta):
        sequence = ["serial_number", "type", "manufacturer", "profile", "choice"]
        empty_text = _l("No concentrator of this company that is in field matches.")


class ChooseProfileTable(SearchedChoice, ProfileColumns):
    choice = tables.Column(empty_values=(), orderable=False, verbose_name="")
    field = "profile"
    kind = "radio"
    target = "#choose-profile"
    caption = _l("Select spontaneous profile")
    is_short = True

    class Meta(ProfileColumns.Meta):
        sequence = ["name", "wakeup_enabled", "wakeup_ip", "wakeup_period", "choice"]
        prefix = "p-"
