"""Every table of the product, for the contracts that all of them keep (REP-6, UI-4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.utils.html import strip_tags
from django.views.generic import View
from django_htmx.middleware import HtmxDetails

from concentrators.meters.pages.tables import MeterTable
from concentrators.planned.tables import PlannedTable
from concentrators.procedures.pages import ChoosePage
from concentrators.procedures.tables import ChooseConcentratorTable, ChooseInFieldTable, ChooseProfileTable
from concentrators.rollouts.tables import MemberTable, RollOutTable
from profiles.procedures.tables import ProcedureTable
from profiles.tables import ProfileTable
from reports.meters.tables import ConflictTable, CountTable, FieldTable, RepeaterTable, TallyTable
from reports.reliability.tables import AvailabilityTable
from reports.tables import DaysTable, InFieldTable, WakeupPerDayTable, WakeupTable
from smmeplus.common.lists import ListPage, ListTable
from tests.smmeplus.translation.markup import parse, text, with_class
from wakeup.monitoring.alarms.tables import AlarmTable
from wakeup.monitoring.changes.tables import ChangeTable
from wakeup.monitoring.configurations.tables import ConfigurationTable
from wakeup.monitoring.incidents.pages.tables import IncidentTable, WorkTable
from wakeup.monitoring.inventory.views import InventoryTable
from wakeup.monitoring.notifications.pages.tables import DeliveryTable
from wakeup.pages.listeners.tables import ListenerTable
from wakeup.pages.strays.tables import StrayTable

Query = Mapping[str, str | int | list[str]]


@dataclass(frozen=True)
class List:
    """A page with a table: where it is, how many rows the data of ``full`` give it, what tells its rows apart."""

    view: str
    table_class: type[ListTable]
    rows: int
    key: str
    query: Query = field(default_factory=dict)
    tied: str = ""  # a column of which several rows share a value, if the first one to sort by is none
    part: str = ""  # the element that htmx asks for, where there are several tables

    def __str__(self) -> str:
        return self.view + (f":{self.part}" if self.part else "")

    @property
    def prefix(self) -> str:
        return self.table_class._meta.prefix or ""

    @property
    def orderable(self) -> list[str]:
        """The names of the columns that can be sorted."""
        return [name for name, column in self.table_class.base_columns.items() if column.orderable is not False]

    def get(self, client: Client, **wanted: str | int | list[str]) -> Element:
        """The table as htmx gets it. ``wanted`` are sort, page and per_page, with the table's own prefix."""
        headers = {"HX-Request": "true"} | ({"HX-Target": self.part} if self.part else {})
        response = client.get(self.url(**wanted), headers=headers)
        assert response.status_code == 200
        return parse(response)

    def table(self, user: User, **wanted: str | int | list[str]) -> ListTable:
        """The same as the view makes it, before it is rendered, which takes most of the time."""
        request = RequestFactory().get(self.url(**wanted))
        request.user, request.htmx = user, HtmxDetails(request)  # type: ignore[attr-defined]
        view = list_views()[self.view]()
        view.setup(request)
        if isinstance(view, ChoosePage):
            return view.profile_table() if self.part == "choose-profile" else view.concentrator_table()
        assert isinstance(view, ListPage)
        made: ListTable = view.get(request).context_data["table"]
        return made

    def all_rows(self, user: User, *columns: str, **wanted: str | int | list[str]) -> list[tuple[str, ...]]:
        """The cells in ``columns`` of all pages, one page after the other."""
        first = self.table(user, **wanted)
        shown = cells(first, *columns)
        for number in range(2, first.paginator.num_pages + 1):
            shown += cells(self.table(user, page=number, **wanted), *columns)
        return shown

    def url(self, **wanted: str | int | list[str]) -> str:
        query = {**self.query, **{self.prefix + name: value for name, value in wanted.items()}}
        return f"{reverse(self.view)}?{urlencode(query, doseq=True)}"


ALL_DAYS = {"from_day": "", "to_day": ""}
CONCENTRATORS, PROFILES = "choose-concentrators", "choose-profile"
LISTS = [
    List("profiles:list", ProfileTable, 32, "name"),
    List("procedures:list", ProcedureTable, 33, "name"),
    List("concentrators:list", InventoryTable, 64, "serial_number"),
    List("concentrators:installation", ChooseConcentratorTable, 30, "serial_number", part=CONCENTRATORS),
    List("concentrators:installation", ChooseProfileTable, 32, "name", part=PROFILES),
    List("concentrators:modification", ChooseInFieldTable, 30, "serial_number", part=CONCENTRATORS),
    List("concentrators:removal", ChooseInFieldTable, 30, "serial_number", part=CONCENTRATORS),
    List("rollouts:list", RollOutTable, 32, "profile_name"),
    List("rollouts:members", MemberTable, 32, "serial_number"),
    List("planned:list", PlannedTable, 32, "title"),
    List("meters:list", MeterTable, 34, "name"),
    List("configurations:list", ConfigurationTable, 32, "serial_number"),
    List("wakeup:strays", StrayTable, 31, "sender"),
    List("listeners:list", ListenerTable, 32, "id"),
    List("alarms:list", AlarmTable, 32, "place", query={"state": ""}),
    List("changes:list", ChangeTable, 32, "concentrator"),
    List("incidents:list", IncidentTable, 32, "place"),
    List("incidents:work-list", WorkTable, 32, "concentrator"),
    List("deliveries:list", DeliveryTable, 32, "about"),
    List("reports:in-field", InFieldTable, 30, "concentrator_name"),
    List("reports:meters", FieldTable, 30, "meter_name", tied="last_utc"),
    List("reports:meter-counts-by-concentrator", CountTable, 30, "concentrator_name"),
    List("reports:meter-conflicts", ConflictTable, 30, "meter_name"),
    List("reports:meter-counts", TallyTable, 26, "type"),
    List("reports:repeaters", RepeaterTable, 30, "concentrator_name"),
    List("reports:wakeup", WakeupTable, 30, "concentrator_name"),
    List("reports:wakeup-per-day", WakeupPerDayTable, 30, "concentrator_name", query=ALL_DAYS),
    List("reports:days", DaysTable, 30, "concentrator_name"),
    List("reports:reliability", AvailabilityTable, 30, "concentrator_name", query={"month": "2020-09"}),
]


def cells(table: ListTable, *columns: str) -> list[tuple[str, ...]]:
    """The texts of the page in ``columns``."""
    return [tuple(_text(row.get_cell(name)) for name in columns) for row in table.paginated_rows]


def _text(cell: object) -> str:
    return " ".join(strip_tags(str(cell)).split())


def total_items(table: Element) -> int:
    return int(text(with_class(table, "total")[0]).removeprefix("Total items: "))


def list_views() -> dict[str, type[View]]:
    """All views of the product with such a table, by name."""
    return {name: view for name, view in _views() if issubclass(view, ListPage | ChoosePage)}


def _views() -> Iterator[tuple[str, type[View]]]:
    for namespace, (_prefix, resolver) in get_resolver().namespace_dict.items():
        for pattern in resolver.url_patterns:
            # The lists of one thing are tested with that thing.
            if isinstance(pattern, URLPattern) and not pattern.pattern.converters:
                yield f"{namespace}:{pattern.name}", getattr(pattern.callback, "view_class", View)
