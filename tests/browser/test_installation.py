"""Installation with two tables in a browser (CON-2, CON-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from concentrators.models import Company, Concentrator, State
from profiles.models import ProcedureProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator

SELECTED = "(Selected items: {})"


@pytest.fixture
@transaction.atomic
def chile(db: None) -> Company:
    """Chile with A00 to A29 and B00 available and a profile Ten."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    SpontaneousProfileFactory.create(name="Ten")
    SpontaneousProfileFactory.create(name="Hundred", wakeup_period=100)
    chile: Company = CompanyFactory.create(name="Chile")
    for serial in (*(f"A{number:02}" for number in range(30)), "B00"):
        ConcentratorFactory.create(company=chile, serial_number=serial, manufacturer="Works")
    return chile


@pytest.fixture
def opened(page: Page, sign_in: Callable[[User], None], chile: Company) -> Page:
    """The page of Chile's operator."""
    sign_in(make_operator(chile))
    page.goto(reverse("concentrators:installation"))
    return page


@pytest.fixture
def concentrators(opened: Page) -> Locator:
    return opened.locator("#choose-concentrators")


@pytest.fixture
def profiles(opened: Page) -> Locator:
    return opened.locator("#choose-profile")


def confirm(page: Page, question: str, *, twice: bool = False) -> None:
    """Press the page's button and confirm the question, which must be asked so."""
    page.get_by_role("button", name="Install", exact=True).click()
    dialog = page.get_by_role("dialog", name="Concentrator installation")
    expect(dialog.locator(".question")).to_have_text(question)
    button = dialog.get_by_role("button", name="Install")
    if twice:
        button.dblclick()
    else:
        button.click()


def in_field() -> list[str]:
    return list(Concentrator.objects.filter(state=State.IN_FIELD).values_list("serial_number", flat=True))


def expect_selected(table: Locator, number: int) -> None:
    expect(table.locator(".total")).to_contain_text(SELECTED.format(number))


def test_concentrators_of_two_pages_are_installed_together_and_a_double_click_acts_once(
    opened: Page, concentrators: Locator, profiles: Locator
) -> None:
    concentrators.get_by_label("A00").check()
    concentrators.get_by_label("A07").check()
    concentrators.get_by_role("link", name="2", exact=True).click()
    concentrators.get_by_label("B00").check()
    expect_selected(concentrators, 3)
    profiles.get_by_label("Ten").check()
    expect(profiles.locator(".total")).to_have_text("Total items: 2 (Selected items: 1)")
    confirm(opened, "Install 3 concentrators with profile “Ten”?", twice=True)
    expect(opened.get_by_text("3 concentrators were installed with profile “Ten”.")).to_be_visible()
    expect(opened.get_by_role("alert")).to_have_count(0)
    assert in_field() == ["A00", "A07", "B00"]
    assert Concentrator.history.filter(history_type="~").count() == 3
    expect(concentrators.locator(".total")).to_have_text("Total items: 28")


def test_paging_sorting_and_searching_keep_the_selection(
    opened: Page, concentrators: Locator, profiles: Locator
) -> None:
    profiles.get_by_label("Hundred").check()
    concentrators.get_by_label("A03").check()
    concentrators.get_by_role("link", name="2", exact=True).click()
    expect(concentrators.get_by_label("B00")).not_to_be_checked()
    expect_selected(concentrators, 1)
    concentrators.get_by_role("link", name="Serial number").click()
    expect(concentrators.locator("tbody tr").first).to_contain_text("B00")
    concentrators.get_by_role("link", name="2", exact=True).click()
    expect(concentrators.get_by_label("A03")).to_be_checked()
    opened.get_by_label("Search in: Select concentrator").fill("a2")
    expect(concentrators.locator(".total")).to_have_text("Total items: 10 (Selected items: 1)")
    expect(concentrators.locator("tbody tr").first).to_contain_text("A29")
    concentrators.get_by_label("A22").check()
    opened.get_by_label("Search in: Select spontaneous profile").fill("ten")
    expect(profiles.locator(".total")).to_have_text("Total items: 1 (Selected items: 1)")
    expect(profiles.get_by_label("Ten")).not_to_be_checked()
    assert opened.url.endswith(reverse("concentrators:installation"))
    confirm(opened, "Install 2 concentrators with profile “Hundred”?")
    expect(opened.get_by_text("2 concentrators were installed")).to_be_visible()
    assert in_field() == ["A03", "A22"]


def test_all_that_match_are_installed_on_every_page_and_no_other(
    opened: Page, concentrators: Locator, profiles: Locator
) -> None:
    opened.get_by_label("Search in: Select concentrator").fill("a")
    concentrators.get_by_role("button", name="Select all 30 that match").click()
    expect_selected(concentrators, 30)
    expect(concentrators.get_by_label("A00")).to_be_checked()
    concentrators.get_by_role("link", name="2", exact=True).click()
    expect(concentrators.get_by_label("A29")).to_be_checked()
    profiles.get_by_label("Ten").check()
    confirm(opened, "Install 30 concentrators with profile “Ten”?")
    expect(opened.get_by_text("30 concentrators were installed")).to_be_visible()
    expect(concentrators.locator(".total")).to_have_text("Total items: 1")
    assert len(in_field()) == 30


def test_only_the_operator_takes_out_of_all_that_match(opened: Page, concentrators: Locator) -> None:
    search = opened.get_by_label("Search in: Select concentrator")
    concentrators.get_by_role("button", name="Select all 31 that match").click()
    expect_selected(concentrators, 31)
    concentrators.get_by_label("A05").uncheck()
    expect_selected(concentrators, 30)
    search.fill("b")
    expect(concentrators.locator(".total")).to_have_text("Total items: 1 (Selected items: 30)")
    expect(concentrators.get_by_label("B00")).to_be_checked()
    search.fill("a0")
    expect(concentrators.get_by_label("A04")).to_be_checked()
    expect(concentrators.get_by_label("A05")).not_to_be_checked()
    concentrators.get_by_role("button", name="Select all 10 that match").click()
    expect_selected(concentrators, 31)
    concentrators.get_by_role("button", name="Select none").click()
    expect(concentrators.locator(".total")).to_have_text("Total items: 10")
    expect(concentrators.get_by_label("A00")).not_to_be_checked()
    expect(opened.locator("#kept-concentrator")).to_be_empty()


def test_what_is_missing_is_said_and_after_cancel_the_selection_stays(
    opened: Page, concentrators: Locator, profiles: Locator
) -> None:
    concentrators.get_by_label("A00").check()
    opened.get_by_role("button", name="Install", exact=True).click()
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text("Select exactly one spontaneous profile.")
    dialog.get_by_text("Close").click()
    for name in ("Ten", "Hundred"):
        profiles.get_by_label(name).check()
    expect(profiles.get_by_label("Ten")).not_to_be_checked()
    expect_selected(profiles, 1)
    opened.get_by_role("button", name="Install", exact=True).click()
    expect(dialog.locator(".question")).to_have_text("Install 1 concentrator with profile “Hundred”?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect_selected(concentrators, 1)
    assert in_field() == []


def test_if_somebody_was_faster_it_is_asked_again(opened: Page, concentrators: Locator, profiles: Locator) -> None:
    concentrators.get_by_label("A00").check()
    concentrators.get_by_label("A01").check()
    profiles.get_by_label("Ten").check()
    opened.get_by_role("button", name="Install", exact=True).click()
    dialog = opened.get_by_role("dialog")
    expect(dialog.locator(".question")).to_contain_text("Install 2 concentrators")
    Concentrator.objects.filter(serial_number="A00").update(state=State.REMOVED)
    dialog.get_by_role("button", name="Install").click()
    expect(dialog.get_by_role("alert")).to_contain_text("has changed meanwhile, so nothing was done")
    expect(dialog.locator(".question")).to_contain_text("Install 1 concentrator ")
    assert in_field() == []
    dialog.get_by_role("button", name="Install").click()
    expect(opened.get_by_text("1 concentrator was installed")).to_be_visible()
    assert in_field() == ["A01"]


def test_the_company_drop_down_shows_the_others_concentrators(opened: Page, concentrators: Locator) -> None:
    peru = CompanyFactory.create(name="Peru")
    peru.users.set(User.objects.all())
    ConcentratorFactory.create(company=peru, serial_number="PERU1")
    opened.reload()
    concentrators.get_by_label("A00").check()
    opened.get_by_label("Company").select_option("Peru")
    expect(concentrators.get_by_label("PERU1")).to_be_visible()
    expect(concentrators.locator(".total")).to_have_text("Total items: 1")
    assert opened.url.endswith(f"?company={peru.pk}")


def test_a_procedure_profile_outlives_searching_and_paging_and_is_confirmed(
    opened: Page, concentrators: Locator, profiles: Locator
) -> None:
    careful = ProcedureProfileFactory.create(name="Careful", waves="1, all")
    opened.reload()
    procedure = opened.get_by_label("Procedure profile")
    expect(procedure.locator("option:checked")).to_have_text("At once")
    procedure.select_option("Careful")
    concentrators.get_by_label("A00").check()
    profiles.get_by_label("Ten").check()
    opened.get_by_label("Search in: Select concentrator").fill("B")
    expect(concentrators.get_by_label("B00")).to_be_visible()
    concentrators.get_by_label("B00").check()
    expect(procedure).to_have_value(str(careful.pk))
    opened.get_by_role("button", name="Install", exact=True).click()
    dialog = opened.get_by_role("dialog", name="Concentrator installation")
    expect(dialog.locator(".note")).to_have_text(
        "Procedure profile “Careful”: in waves of 1, all; writes begin at any hour."
    )
    ProcedureProfile.objects.filter(pk=careful.pk).delete()
    dialog.get_by_role("button", name="Install").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "The procedure profile has been deleted meanwhile; choose another one."
    )
    assert in_field() == []
