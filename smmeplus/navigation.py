"""The frame of every page: areas in the left bar, tabs on top, menus under them (UI-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _l

from profiles.requests import settings_of
from smmeplus.common.request import now_of
from wakeup.monitoring.status.rules import retry_tail_of
from wakeup.monitoring.verdicts.banner import Banner, banner_for

Text = Any  # a lazy translation


@dataclass(frozen=True)
class Entry:
    """A page in a menu. Behind views whose names begin with one of ``views`` it stays marked."""

    label: Text
    view: str
    permission: str = ""
    views: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.view)

    def is_current(self, view: str) -> bool:
        return view == self.view or view.startswith(self.views)


@dataclass(frozen=True)
class Menu:
    label: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Tab:
    label: Text
    menus: tuple[Menu, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for menu in self.menus for entry in menu.entries)

    @property
    def url(self) -> str:
        return next(self.entries).url


@dataclass(frozen=True)
class Area:
    label: Text
    icon: str
    tabs: tuple[Tab, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for tab in self.tabs for entry in tab.entries)

    @property
    def url(self) -> str:
        return next(self.entries).url


_ADMINISTRATION = Menu(
    _l("Administration"),
    (
        Entry(_l("Admin site"), "admin:index", "auth.view_user"),
        Entry(_l("API tokens of users"), "user-tokens", "auth.change_user"),
    ),
)
_SETTINGS = Menu(
    _l("Settings"),
    (
        Entry(
            _l("System settings"),
            "admin:profiles_systemsettings_changelist",
            "profiles.change_systemsettings",
            views=("admin:profiles_systemsettings",),
        ),
    ),
)
_INSTALLATION = Menu(
    _l("Concentrators installation"),
    (
        Entry(_l("Procedure profile"), "procedures:list", views=("procedures:",)),
        Entry(_l("Spontaneous profile"), "profiles:list", views=("profiles:",)),
        Entry(
            _l("Concentrator installation"),
            "concentrators:installation",
            "concentrators.change_concentrator",
            views=("concentrators:upload", "concentrators:preview"),
        ),
        Entry(_l("Concentrator modification"), "concentrators:modification", "concentrators.change_concentrator"),
        Entry(_l("Concentrator removal"), "concentrators:removal", "concentrators.change_concentrator"),
    ),
)
_INVENTORY = Menu(
    _l("Inventory"),
    (
        Entry(_l("Concentrators"), "concentrators:list", views=("concentrator:",)),
        Entry(_l("Configurations"), "configurations:list", "concentrators.view_concentrator"),
        Entry(_l("Meters"), "meters:list", "concentrators.view_meter", views=("meters:",)),
        Entry(_l("Upload meter lists"), "meterfiles:upload", "concentrators.change_meter", views=("meterfiles:",)),
    ),
)
_OF_INCIDENTS = tuple(
    f"incidents:{name}" for name in ("page", "acknowledge", "comment", "owner", "re-class", "merge", "split")
)
_STATUS = Menu(
    _l("Status"),
    (
        Entry(_l("Monitoring"), "overview:page"),
        Entry(_l("Incidents"), "incidents:list", "wakeup.view_incident", views=_OF_INCIDENTS),
        Entry(_l("Alarms"), "alarms:list", "wakeup.view_alarm", views=("alarms:",)),
        Entry(_l("Work list"), "incidents:work-list", "wakeup.view_outage"),
        Entry(_l("Changes of status"), "changes:list", "wakeup.view_statuschange"),
    ),
)
_PLANNED = Menu(
    _l("Planned work and notifications"),
    (
        Entry(_l("Planned work"), "planned:list", "concentrators.view_plannedwork", views=("planned:",)),
        Entry(_l("Deliveries"), "deliveries:list", "wakeup.view_delivery", views=("deliveries:", "receivers:")),
    ),
)
_MESSAGES = Menu(
    _l("Messages"),
    (
        Entry(_l("Unknown senders"), "wakeup:strays", "wakeup.view_strayframe", views=("wakeup:", "frames:")),
        Entry(_l("Listeners"), "listeners:list", "wakeup.view_listenerrun"),
    ),
)
_ROLL_OUTS = Menu(
    _l("Configuration of concentrators"),
    (Entry(_l("Roll-outs"), "rollouts:list", "concentrators.view_rollout", views=("rollouts:",)),),
)
_DEVICES = Menu(
    _l("Devices"),
    (
        Entry(_l("Concentrators in field"), "reports:in-field"),
        Entry(_l("Meters in field"), "reports:meters", "concentrators.view_meter"),
        Entry(_l("Count meters by concentrator"), "reports:meter-counts-by-concentrator", "concentrators.view_meter"),
        Entry(
            _l("Concentrator autodiscovery conflicts"),
            "reports:meter-conflicts",
            "concentrators.view_meterconflict",
            views=("conflicts:",),
        ),
        Entry(_l("Count Meters"), "reports:meter-counts", "concentrators.view_meter"),
        Entry(_l("Wake up"), "reports:wakeup"),
        Entry(_l("Wake up per day"), "reports:wakeup-per-day"),
        Entry(_l("Concentrator autodiscovery repeater"), "reports:repeaters", "concentrators.view_meter"),
        Entry(_l("Wake-up heat map of days"), "reports:days"),
    ),
)
_RELIABILITY = Menu(_l("Reliability"), (Entry(_l("Reliability"), "reports:reliability", "wakeup.view_outage"),))
_EMAIL = Menu(
    _l("E-mail"),
    (
        Entry(_l("Daily report"), "reports:subscriptions"),
        Entry(_l("Monthly report"), "reports:monthly-subscriptions", "wakeup.view_outage"),
    ),
)

AREAS = (
    Area(_l("Admin"), "users", (Tab(_l("Administration"), (_ADMINISTRATION,)),)),
    Area(_l("System"), "settings", (Tab(_l("Settings"), (_SETTINGS,)),)),
    Area(
        _l("Technical area"),
        "wrench",
        (
            Tab(_l("Configuration"), (_INSTALLATION, _INVENTORY)),
            Tab(_l("Monitoring"), (_STATUS, _PLANNED, _MESSAGES)),
            Tab(_l("Operation"), (_ROLL_OUTS,)),
        ),
    ),
    Area(_l("Report"), "chart-column", (Tab(_l("Monitoring"), (_DEVICES, _RELIABILITY, _EMAIL)),)),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """What ``base.html`` needs: areas, tabs and menus that the user may open, the current ones marked."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    areas = [area for area in (_for_user(area, request) for area in AREAS) if area.tabs]
    places = ((area, tab, entry) for area in areas for tab in area.tabs for entry in tab.entries)
    current = next((place for place in places if place[2].is_current(view)), (None, None, None))
    return {
        "areas": areas,
        "current_area": current[0],
        "current_tab": current[1],
        "current_entry": current[2],
        "system_settings": SimpleLazyObject(lambda: settings_of(request)),
        "banner": SimpleLazyObject(lambda: _banner(request)),
    }


def _banner(request: HttpRequest) -> Banner | None:
    if not request.user.is_authenticated:
        return None
    return banner_for(request.user, now_of(request), retry_tail_of(settings_of(request)))


def _for_user(area: Area, request: HttpRequest) -> Area:
    """The area without the entries that the user may not open, and without menus and tabs that are then empty."""
    tabs = []
    for tab in area.tabs:
        menus = [
            Menu(menu.label, entries)
            for menu in tab.menus
            if (entries := tuple(entry for entry in menu.entries if _may_open(entry, request)))
        ]
        if menus:
            tabs.append(Tab(tab.label, tuple(menus)))
    return Area(area.label, area.icon, tuple(tabs))


def _may_open(entry: Entry, request: HttpRequest) -> bool:
    user = request.user
    if not user.is_authenticated:
        return False
    if entry.view.startswith("admin:") and not user.is_staff:
        return False
    return not entry.permission or user.has_perm(entry.permission)
