"""Tables and filters of concentrators: the same for pages, selections and, later, exports."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company, Concentrator, ConcentratorType, State
from profiles.models import SpontaneousProfile
from profiles.tables import ProfileColumns
from smmeplus.common.lists import ListFilterSet, ListTable


def companies_of(request: HttpRequest | None) -> QuerySet[Company]:
    """The companies that the user of ``request`` may see."""
    return Company.objects.visible_to(request.user) if request else Company.objects.none()


def matching(concentrators: QuerySet[Concentrator], text: str) -> QuerySet[Concentrator]:
    """Those of which the serial number, type, manufacturer, substation or feeder contains ``text``."""
    text = text.strip()
    if not text:
        return concentrators
    return concentrators.filter(
        Q(serial_number__contains=text.upper())
        | Q(type__in=ConcentratorType.objects.filter(name__icontains=text))
        | Q(manufacturer__icontains=text)
        | Q(substation__icontains=text)
        | Q(feeder__icontains=text)
    )


class ConcentratorFilterSet(ListFilterSet):
    """Company, state, profile and a search."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=State.choices, empty_label=_l("All"))
    profile = django_filters.ChoiceFilter(label=_l("Spontaneous profile"), empty_label=_l("All"))
    q = django_filters.CharFilter(label=_l("Search"), method="search", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = Concentrator
        fields = ["company", "state", "profile", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))
        self.offer("profile", SpontaneousProfile.objects.all())

    def search(self, concentrators: QuerySet[Concentrator], _name: str, text: str) -> QuerySet[Concentrator]:
        return matching(concentrators, text)


#: Many rows on a screen are worth more than the last columns of each.
ONE_LINE = {"td": {"class": "one-line"}}


class ConcentratorColumns(ListTable):
    """The columns of the reference system, wherever concentrators are listed (CON-2)."""

    serial_number = tables.Column(verbose_name=_l("Serial number"))
    type = tables.Column(verbose_name=_l("Type"))
    manufacturer = tables.Column(verbose_name=_l("Manufacturer"))

    class Meta:
        order_by = "serial_number"
        empty_text = _l("No concentrator matches. Change the search or the company.")


class ConcentratorTable(ConcentratorColumns):
    """The inventory (CON-1)."""

    serial_number = tables.Column(
        verbose_name=_l("Serial number"), linkify=("concentrator:page", [tables.A("serial_number")])
    )
    company = tables.Column(verbose_name=_l("Company"))
    substation = tables.Column(verbose_name=_l("Substation"), attrs=ONE_LINE)
    feeder = tables.Column(verbose_name=_l("Feeder"))
    customers = tables.Column(verbose_name=_l("Customers"))
    management_ip = tables.Column(verbose_name=_l("Management IP"))
    state = tables.Column(verbose_name=_l("State"), attrs=ONE_LINE)
    profile = tables.Column(verbose_name=_l("Spontaneous profile"), order_by="profile__name_folded", attrs=ONE_LINE)

    class Meta(ConcentratorColumns.Meta):  # which a table does not inherit by itself
        pass


class ChoiceMixin:
    """A first column of boxes whose choice is kept in fields outside of the table, and a search of its own.

    ``field`` is the name of the fields; ``kind`` how many may be chosen: ``checkbox`` any, ``radio`` one.
    """

    field: str
    kind: str
    request: HttpRequest
    prefix: str
    prefixed_order_by_field: str
    prefixed_per_page_field: str
    prefixed_page_field: str
    is_in_url = False
    paginator_class = Paginator  # "select all" states the whole number

    def __init__(self, *args: Any, search: str, **kwargs: Any) -> None:
        self.search = search
        super().__init__(*args, **kwargs)

    @property
    def search_fields(self) -> list[str]:
        """What a search sends: its text, and order and page size, which it keeps."""
        return [f"{self.prefix}q", self.prefixed_order_by_field, self.prefixed_per_page_field]

    @property
    def search_url(self) -> str:
        """The address for another search: without what it sends, and without the page, which begins anew."""
        query = self.request.GET.copy()
        for name in (*self.search_fields, self.prefixed_page_field):
            query.pop(name, None)
        return f"{self.request.path}?{query.urlencode()}"

    def render_choice(self, record: Concentrator | SpontaneousProfile) -> str:
        return format_html(
            '<input class="form-check-input" type="{}" value="{}" data-keep="kept-{}" data-name="{}" '
            'aria-label="{}" autocomplete="off">',
            self.kind,
            record.pk,
            self.field,
            self.field,
            record,
        )


class ChooseConcentratorTable(ChoiceMixin, ConcentratorColumns):
    """*Select concentrator*: any number, on any number of pages (CON-2, CON-3)."""

    choice = tables.Column(empty_values=(), orderable=False, verbose_name=_l("Select"))
    field = "concentrator"
    kind = "checkbox"
    target = "#choose-concentrators"
    caption = _l("Select concentrator")

    class Meta(ConcentratorColumns.Meta):
        sequence = ["choice", "serial_number", "type", "manufacturer"]
        prefix = "c-"
        empty_text = _l("There is no such concentrator of this company. Upload an installation file to add some.")


class ChooseInFieldTable(ChooseConcentratorTable):
    """The same for concentrators in field, which have a profile already (CON-4)."""

    profile = tables.Column(verbose_name=_l("Spontaneous profile"), order_by="profile__name_folded")

    class Meta(ChooseConcentratorTable.Meta):
        sequence = ["choice", "serial_number", "type", "manufacturer", "profile"]
        empty_text = _l("No concentrator of this company is in field and matches.")


class ChooseProfileTable(ChoiceMixin, ProfileColumns):
    """*Select spontaneous profile*: exactly one."""

    choice = tables.Column(empty_values=(), orderable=False, verbose_name=_l("Select"))
    field = "profile"
    kind = "radio"
    target = "#choose-profile"
    caption = _l("Select spontaneous profile")
    is_short = True

    class Meta(ProfileColumns.Meta):
        sequence = ["choice", "name", "wakeup_enabled", "wakeup_ip", "wakeup_period"]
        prefix = "p-"
