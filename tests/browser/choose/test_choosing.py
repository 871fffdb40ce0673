"""Choosing in a browser: only the operator empties a selection (CON-3, UI-5, UI-7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from concentrators.models import Company, Concentrator, State
from concentrators.procedures.actions import install
from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.plugins.effort import IN_CI
from tests.smmeplus.users import make_operator
from tests.support.accessibility import check_accessible, check_still_accessible
from tests.wakeup.pages.strays import make_stray
from wakeup.models import StrayFrame

SCREENS = [(1280, 800, "light"), (1280, 800, "dark"), (390, 844, "light"), (390, 844, "dark")]
A_FEW_SCREENS = SCREENS if IN_CI else [SCREENS[0]]
LETTERS = "ABCDEF"


@pytest.fixture
@transaction.atomic
def chile(db: None) -> Company:
    """Chile with 16CEC50610A00 to …F09, of which those that end with 9 are in field on the profile Old."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    for name in ("Ten", "Hundred", "A name of fifty letters is as long as a name may b"):
        SpontaneousProfileFactory.create(name=name)
    old = SpontaneousProfileFactory.create(name="Old")
    chile: Company = CompanyFactory.create(name="Chile")
    for serial in (f"16CEC50610{letter}{number:02}" for letter in LETTERS for number in range(10)):
        in_field = {"in_field": True, "profile": old} if serial.endswith("9") else {}
        ConcentratorFactory.create(company=chile, serial_number=serial, **in_field)
    return chile


@pytest.fixture
def opened(page: Page, sign_in: Callable[[User], None], chile: Company) -> Page:
    sign_in(make_operator(chile))
    page.goto(reverse("concentrators:installation"))
    return page


@pytest.fixture
def table(opened: Page) -> Locator:
    return opened.locator("#choose-concentrators")


def box(table: Locator, end: str) -> Locator:
    return table.get_by_label(f"16CEC50610{end}")


def row(table: Locator, end: str) -> Locator:
    return table.get_by_text(f"16CEC50610{end}", exact=True)


def expect_selected(table: Locator, number: int) -> None:
    said = f" (Selected items: {number})" if number else ""
    expect(table.locator(".total")).to_have_text(f"Total items: {total(table)}{said}")


def total(table: Locator) -> str:
    return (table.locator(".total").text_content() or "").removeprefix("Total items: ").split(" ")[0].strip()


def search(page: Page, text: str, found: int) -> None:
    page.get_by_label("Search in: Select concentrator").fill(text)
    expect(page.locator("#choose-concentrators tbody tr").first).to_contain_text(text)
    expect(page.locator("#choose-concentrators .total")).to_contain_text(f"Total items: {found}")


def press_install(page: Page) -> Locator:
    page.get_by_role("button", name="Install", exact=True).click()
    return page.get_by_role("dialog", name="Concentrator installation")


def changed_by(name: str) -> set[str]:
    rows = Concentrator.history.filter(history_type="~", history_user__username=name)
    return {serial[-3:] for serial in rows.values_list("serial_number", flat=True)}


@pytest.mark.parametrize("screen", A_FEW_SCREENS, ids=lambda screen: f"{screen[0]} {screen[2]}")
def test_five_searches_and_all_that_match_install_exactly_the_sum(
    opened: Page, table: Locator, screen: tuple[int, int, str]
) -> None:
    width, height, scheme = screen
    opened.set_viewport_size({"width": width, "height": height})
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    opened.locator("#choose-profile").get_by_label("Ten").check()
    search(opened, "F07", 1)
    box(table, "F07").check()
    selected = 1
    for letter in "ABCD":
        search(opened, f"610{letter}", 9)
        table.get_by_role("button", name="Select all 9 that match").click()
        selected += 9
        expect_selected(table, selected)
    search(opened, "05", 6)  # A to D are selected already
    table.get_by_role("button", name="Select all 6 that match").click()
    selected += 2
    expect_selected(table, selected)
    box(table, "A05").uncheck()
    search(opened, "", 54)
    expect_selected(table, selected - 1)
    assert opened.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    check_accessible(opened)
    dialog = press_install(opened)
    expect(dialog.locator(".question")).to_have_text("Install 38 concentrators with profile “Ten”?")
    expect(dialog.locator(".serials li")).to_have_count(20)
    expect(dialog).to_contain_text("and 18 more.")
    check_still_accessible(opened)
    with opened.expect_download() as download:
        dialog.get_by_role("button", name="All 38 serial numbers as a file").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 39
    dialog.get_by_role("button", name="Install").click()
    expect(opened.get_by_text("38 concentrators were installed with profile “Ten”.")).to_be_visible()
    of_letters = {f"{letter}{number:02}" for letter in "ABCD" for number in range(9)} - {"A05"}
    assert changed_by("operator") == of_letters | {"E05", "F05", "F07"}
    expect_selected(table, 0)
    expect(opened.locator("#kept-concentrator")).to_be_empty()
    opened.reload()
    expect(opened.locator("#kept-concentrator")).to_be_empty()


def test_rows_are_clicked_and_a_range_is_taken_with_shift(opened: Page, table: Locator) -> None:
    row(table, "A01").click()
    expect(box(table, "A01")).to_be_checked()
    row(table, "A04").click(modifiers=["Shift"])
    expect_selected(table, 4)
    assert opened.evaluate("String(getSelection())") == ""
    box(table, "A06").click(modifiers=["Shift"])
    expect_selected(table, 6)
    row(table, "A05").click()
    expect(box(table, "A05")).not_to_be_checked()
    expect_selected(table, 5)
    row(table, "A03").click(modifiers=["Shift"])  # from a row that was taken out: the range is, too
    expect_selected(table, 3)
    box(table, "B00").focus()
    opened.keyboard.press("Space")
    for _ in range(3):
        opened.keyboard.press("Tab")
    opened.keyboard.press("Shift+Space")
    expect_selected(table, 7)
    table.get_by_role("button", name="Select this page").click()
    expect_selected(table, 25)
    profile = opened.locator("#choose-profile")
    profile.get_by_text("Ten", exact=True).click()
    expect(profile.get_by_label("Ten")).to_be_checked()
    expect_selected(profile, 1)


def test_a_selection_outlives_a_reload_and_is_shown_alone(opened: Page, table: Locator) -> None:
    opened.locator("#choose-profile").get_by_label("Hundred").check()
    search(opened, "A0", 9)
    table.get_by_role("button", name="Select all 9 that match").click()
    box(table, "A03").uncheck()
    search(opened, "F0", 9)
    box(table, "F02").check()
    expect_selected(table, 9)
    opened.reload()
    expect_selected(table, 9)
    expect(box(table, "A02")).to_be_checked()
    expect(box(table, "A03")).not_to_be_checked()
    expect(opened.locator("#choose-profile").get_by_label("Hundred")).to_be_checked()
    shown = table.get_by_role("button", name="Show selected")
    shown.click()
    expect(shown).to_have_attribute("aria-pressed", "true")
    expect(shown).to_be_focused()
    expect(table.locator("tbody tr")).to_have_count(9)
    table.get_by_role("link", name="Serial number").click()
    expect(table.locator("tbody tr").first).to_contain_text("F02")
    box(table, "F02").uncheck()
    expect_selected(table, 8)
    shown.click()
    expect(table.locator(".total")).to_have_text("Total items: 54 (Selected items: 8)")
    table.get_by_role("button", name="Select none").click()
    expect_selected(table, 0)
    opened.reload()
    expect_selected(table, 0)


def test_pages_companies_and_tabs_have_selections_of_their_own(opened: Page, table: Locator) -> None:
    box(table, "A00").check()
    opened.goto(reverse("concentrators:removal"))
    expect_selected(table, 0)
    box(table, "A09").check()
    other = opened.context.new_page()
    other.goto(reverse("concentrators:removal"))
    expect_selected(other.locator("#choose-concentrators"), 0)
    other.close()
    opened.goto(reverse("concentrators:installation"))
    expect_selected(table, 1)
    expect(box(table, "A00")).to_be_checked()


def test_another_operator_took_some_of_them(opened: Page, table: Locator, chile: Company) -> None:
    search(opened, "A0", 9)
    table.get_by_role("button", name="Select all 9 that match").click()
    expect_selected(table, 9)
    opened.locator("#choose-profile").get_by_label("Ten").check()
    hundred, ana = SpontaneousProfile.objects.get(name="Hundred"), make_operator(chile, name="ana")
    taken = Concentrator.objects.filter(serial_number__in=["16CEC50610A00", "16CEC50610A01"])
    install(taken, hundred, user=ana, now=timezone.now())
    dialog = press_install(opened)
    expect(dialog.locator(".question")).to_have_text("Install 7 concentrators with profile “Ten”?")
    expect(dialog.locator(".meanwhile li")).to_have_count(2)
    expect(dialog.locator(".meanwhile")).to_contain_text("16CEC50610A01: in field, “Hundred”, by ana")
    expect(table.locator(".total")).to_have_text("Total items: 7 (Selected items: 7)")  # behind the question, too
    check_still_accessible(opened)
    dialog.get_by_role("button", name="Install").click()
    expect(opened.get_by_text("7 concentrators were installed")).to_be_visible()
    assert changed_by("ana") == {"A00", "A01"}
    assert changed_by("operator") == {f"A0{number}" for number in range(2, 9)}


def test_both_tables_stand_side_by_side_with_their_totals_and_the_button_in_sight(opened: Page) -> None:
    for width in (1280, 1200):
        opened.set_viewport_size({"width": width, "height": 800})
        left, right = (opened.locator(part).bounding_box() for part in ("#choose-concentrators", "#choose-profile"))
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"]
        assert abs(left["y"] - right["y"]) < 2
        for part in (*opened.locator(".total").all(), opened.get_by_role("button", name="Install", exact=True)):
            expect(part).to_be_in_viewport(ratio=1)
        for part in opened.locator("tbody tr:first-child [data-keep]").all():
            expect(part).to_be_in_viewport(ratio=1)


def test_a_removal_is_red(opened: Page, table: Locator) -> None:
    opened.goto(reverse("concentrators:removal"))
    box(table, "A09").check()
    opened.get_by_role("button", name="Remove", exact=True).click()
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Remove")).to_have_class("btn btn-danger")
    for scheme in ("light", "dark") if IN_CI else ("dark",):
        opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        check_accessible(opened)
    dialog.get_by_role("button", name="Remove").click()
    expect(opened.get_by_text("1 concentrator was removed")).to_be_visible()
    assert Concentrator.objects.get(state=State.REMOVED).serial_number == "16CEC50610A09"


def test_unknown_senders_are_chosen_alike(opened: Page) -> None:
    for sender in ("AA1", "AA2", "BB1", "CC1"):
        make_stray(sender)
    opened.goto(reverse("wakeup:strays"))
    table = opened.locator("#list")
    for text, number in (("AA", 2), ("BB", 1)):
        opened.get_by_label("Sender", exact=True).fill(text)
        table.get_by_role("button", name=f"Select all {number} that match").click()
    expect(table.locator(".total")).to_have_text("Total items: 1 (Selected items: 3)")
    opened.get_by_label("Sender", exact=True).fill("")
    table.get_by_label("AA1").uncheck()
    expect(table.locator(".total")).to_have_text("Total items: 4 (Selected items: 2)")
    opened.reload()
    expect(table.locator(".total")).to_have_text("Total items: 4 (Selected items: 2)")
    opened.get_by_role("button", name="Ignore selected").click()
    opened.get_by_role("dialog").get_by_role("button", name="Ignore").click()
    expect(opened.get_by_text("2 senders are ignored")).to_be_visible()
    assert set(StrayFrame.objects.filter(ignored=True).values_list("sender", flat=True)) == {"AA2", "BB1"}
    expect(table.locator(".total")).to_have_text("Total items: 2")
