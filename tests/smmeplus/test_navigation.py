"""The frame: areas, tabs and menus (UI-1)."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from profiles.models import SpontaneousProfile
from smmeplus.navigation import AREAS
from smmeplus.roles import ADMINISTRATOR
from tests.factories import SpontaneousProfileFactory
from tests.smmeplus.translation.markup import links, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer

pytestmark = pytest.mark.one_database

ENTRIES = [
    (area.label, tab.label, menu.label, entry)
    for area in AREAS
    for tab in area.tabs
    for menu in tab.menus
    for entry in menu.entries
]
LISTS = ["Procedure profile", "Spontaneous profile", "Concentrators", "Configurations", "Meters"]
REPORTS = [
    "Concentrators in field",
    "Meters in field",
    "Count meters by concentrator",
    "Concentrator autodiscovery conflicts",
    "Count Meters",
    "Wake up",
    "Wake up per day",
    "Concentrator autodiscovery repeater",
    "Wake-up heat map of days",
]
INSTALLATION = ["Concentrator installation", "Concentrator modification", "Concentrator removal"]
UPLOADS = ["Upload meter lists"]


def nav(page: Element, name: str) -> Element:
    (found,) = page.findall(f".//nav[@class='frame-{name}']")
    return found


def page_of(client: Client, view: str) -> Element:
    return parse(client.get(reverse(view)))


def make_administrator(company: Company) -> User:
    user = make_user("boss", company, is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return user


MAKE: dict[str, Callable[[Company], User]] = {
    "viewer": make_viewer,
    "operator": make_operator,
    "administrator": make_administrator,
}


def test_the_title_is_that_of_the_reference_on_every_page(client: Client) -> None:
    for view in ("profiles:list", "profiles:add", "concentrators:list", "reports:wakeup"):
        assert text(with_class(page_of(client, view), "frame-title")[0]) == "SMM ePlus - SMART METERS MANAGER"


def test_areas_tabs_and_menus_have_the_words_of_the_reference(administrator: User) -> None:
    client = client_of(administrator)
    page = page_of(client, "profiles:list")
    assert texts(nav(page, "bar"), "a") == ["Admin", "System", "Technical area", "Report"]
    assert texts(nav(page, "tabs"), "a") == ["Configuration", "Monitoring", "Operation"]
    assert texts(nav(page, "menu"), ".//h2") == ["Concentrators installation", "Inventory"]
    assert texts(nav(page, "menu"), ".//a") == [*LISTS[:2], *INSTALLATION, *LISTS[2:], *UPLOADS]
    assert texts(nav(page_of(client, "rollouts:list"), "menu"), ".//a") == ["Roll-outs"]
    report = page_of(client, "reports:wakeup")
    assert texts(nav(report, "tabs"), "a") == ["Monitoring"]
    assert texts(nav(report, "menu"), ".//h2") == ["Devices", "Reliability", "E-mail"]
    assert texts(nav(report, "menu"), ".//a") == [*REPORTS, "Reliability", "Daily report", "Monthly report"]


@pytest.mark.parametrize(
    ("role", "areas", "menu"),
    [
        ("viewer", ["Technical area", "Report"], LISTS),
        ("operator", ["Technical area", "Report"], [*LISTS[:2], *INSTALLATION, *LISTS[2:], *UPLOADS]),
        (
            "administrator",
            ["Admin", "System", "Technical area", "Report"],
            [*LISTS[:2], *INSTALLATION, *LISTS[2:], *UPLOADS],
        ),
    ],
)
def test_a_role_sees_what_it_may_open(chile: Company, role: str, areas: list[str], menu: list[str]) -> None:
    page = page_of(client_of(MAKE[role](chile)), "profiles:list")
    assert texts(nav(page, "bar"), "a") == areas
    assert texts(nav(page, "menu"), ".//a") == menu


@pytest.mark.parametrize(("is_staff", "permissions"), [(True, ()), (False, ("auth.view_user",))])
def test_the_admin_site_needs_staff_status_and_a_permission(
    chile: Company, is_staff: bool, permissions: tuple[str, ...]
) -> None:
    user = make_user("half", chile, permissions=permissions, is_staff=is_staff)
    assert "Admin" not in texts(nav(page_of(client_of(user), "reports:wakeup"), "bar"), "a")


@pytest.mark.parametrize("role", MAKE)
def test_everything_that_is_shown_opens(chile: Company, role: str) -> None:
    client = client_of(MAKE[role](chile))
    to_open, opened = {reverse("reports:wakeup")}, set[str]()
    while to_open:
        url = to_open.pop()
        opened.add(url)
        response = client.get(url, follow=True)
        assert response.status_code == 200, url
        if not url.startswith("/admin/"):
            page = parse(response)
            found = {href for name in ("bar", "tabs", "menu") for href in links(nav(page, name)).values()}
            to_open |= found - opened
    assert len(opened) >= len(LISTS) + 2


@pytest.mark.parametrize(("area", "tab", "menu", "entry"), ENTRIES, ids=[str(entry[-1].label) for entry in ENTRIES])
def test_the_current_entry_is_marked_once_on_each_level(
    administrator: User, area: str, tab: str, menu: str, entry: object
) -> None:
    view: str = entry.view  # type: ignore[attr-defined]
    if view.startswith("admin:"):  # which has a frame of its own
        return
    page = page_of(client_of(administrator), view)
    marked = {
        name: [(text(link), link.get("aria-current")) for link in nav(page, name).iter("a") if link.get("aria-current")]
        for name in ("bar", "tabs", "menu")
    }
    assert marked == {
        "bar": [(str(area), "true")],
        "tabs": [(str(tab), "true")],
        "menu": [(str(entry.label), "page")],  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("view", ["add", "show", "change", "clone", "delete"])
def test_the_pages_behind_an_entry_keep_it_marked(client: Client, view: str) -> None:
    profile: SpontaneousProfile = SpontaneousProfileFactory.create()
    url = reverse(f"profiles:{view}", args=[] if view == "add" else [profile.pk])
    page = parse(client.get(url))
    marked = [text(link) for link in nav(page, "menu").iter("a") if link.get("aria-current")]
    assert marked == ["Spontaneous profile"]


def test_before_the_sign_in_there_is_no_menu(db: None) -> None:
    page = parse(Client().get(reverse("login")))
    assert page.findall(".//nav") == []


def test_home_is_the_page_of_monitoring(client: Client) -> None:
    assert client.get(reverse("home"))["Location"] == reverse("overview:page")


def test_the_header_says_who_is_signed_in_and_lets_him_out(client: Client) -> None:
    page = page_of(client, "reports:wakeup")
    assert text(with_class(page, "frame-user")[0]) == "operator Sign out"
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    assert client.get(reverse("reports:wakeup")).status_code == 302
