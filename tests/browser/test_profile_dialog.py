"""The dialogs of spontaneous profiles in a browser (PRO-1, PRO-4, PRO-6), and of procedure profiles (PRC-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator

RED = "rgb(197, 22, 46)"


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    return SpontaneousProfileFactory.create(name="Ten", company=CompanyFactory.create())


@pytest.fixture
def listed(page: Page, sign_in: Callable[[User], None], profile: SpontaneousProfile) -> Page:
    """The list of profiles with one, as an operator sees it."""
    assert profile.company
    sign_in(make_operator(profile.company))
    page.goto(reverse("profiles:list"))
    return page


@pytest.fixture
def dialog(listed: Page) -> Locator:
    """The dialog "Add concentrator spontaneous", open."""
    listed.get_by_role("link", name="Add").click()
    dialog = listed.get_by_role("dialog", name="Add concentrator spontaneous")
    expect(dialog).to_be_visible()
    return dialog


def style(element: Locator, *names: str) -> list[str]:
    computed: list[str] = element.evaluate("(e, names) => names.map(n => getComputedStyle(e)[n])", list(names))
    return computed


def test_add_opens_over_the_list_and_then_shows_the_new_row(listed: Page, dialog: Locator) -> None:
    assert listed.url.endswith(reverse("profiles:list"))
    assert dialog.evaluate("dialog => dialog.matches(':modal')")
    expect(listed.get_by_text("Total items: 1")).to_be_visible()
    expect(dialog.get_by_label("Spontaneous messages IP address")).to_be_disabled()
    expect(dialog.get_by_label("Wakeup port")).to_have_value("58692")
    dialog.get_by_label("Name").fill("Twenty")
    dialog.get_by_label("Wakeup period min").select_option("20")
    dialog.get_by_role("button", name="Add").dblclick()
    expect(listed.get_by_role("status").get_by_text("Profile “Twenty” was added.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(listed.get_by_role("row", name="Twenty true 10.132.20.228 20")).to_be_visible()
    assert SpontaneousProfile.history.filter(name="Twenty").count() == 1


def test_a_wrong_value_circles_its_label_in_red_and_what_was_typed_stays(dialog: Locator) -> None:
    dialog.get_by_label("Name").fill("a/b")
    dialog.get_by_role("button", name="Add").click()
    label = dialog.locator("label", has_text="Name")
    expect(label).to_have_class("wrong")
    color, side, width, radius = style(
        label, "borderTopColor", "borderTopStyle", "borderTopWidth", "borderTopLeftRadius"
    )
    assert (color, side, width) == (RED, "solid", "2px")
    assert float(radius.removesuffix("px")) >= label.evaluate("e => e.offsetHeight / 2")
    assert style(dialog.locator("label", has_text="Wakeup enabled"), "borderTopColor") == ["rgba(0, 0, 0, 0)"]
    expect(dialog.get_by_label("Name")).to_have_value("a/b")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill("Twenty")
    dialog.get_by_role("button", name="Add").click()
    period = dialog.get_by_label("Wakeup period min")
    expect(dialog.locator("label.wrong")).to_have_text(["Wakeup period min *"])
    expect(period).to_be_focused()
    expect(period).to_have_accessible_description("Choose a period: it is mandatory while wake-up is enabled.")
    assert SpontaneousProfile.objects.count() == 1


def test_a_dialog_is_left_without_a_change_and_opens_afresh(listed: Page, dialog: Locator) -> None:
    for way in ("Escape", "Cancel", "Close"):
        dialog.get_by_label("Name").fill("a/b")
        dialog.get_by_role("button", name="Add").click()
        expect(dialog.locator("label.wrong")).to_have_count(2)
        if way == "Escape":
            listed.keyboard.press("Escape")
        else:
            dialog.get_by_role("button", name=way).click()
        expect(dialog).to_be_hidden()
        expect(listed.locator("dialog")).to_be_empty()
        listed.get_by_role("link", name="Add").click()
        expect(dialog.get_by_label("Name")).to_have_value("")
        expect(dialog.locator("label.wrong")).to_have_count(0)
    assert SpontaneousProfile.objects.count() == 1


def test_the_keyboard_alone_adds_a_profile(listed: Page) -> None:
    listed.get_by_role("link", name="Add").press("Enter")
    name = listed.get_by_label("Name")
    expect(name).to_be_focused()
    listed.keyboard.type("Ten twice")
    for key in ("Tab", "Tab"):
        listed.keyboard.press(key)
    expect(listed.get_by_label("Wakeup period min")).to_be_focused()
    listed.keyboard.type("10")
    listed.keyboard.press("Tab")
    listed.keyboard.press("Tab")
    expect(listed.get_by_role("button", name="Add")).to_be_focused()
    listed.keyboard.press("Enter")
    expect(listed.get_by_text("Profile “Ten twice” was added.")).to_be_visible()


def test_a_used_profile_is_not_deleted_and_its_users_are_a_click_away(
    listed: Page, profile: SpontaneousProfile
) -> None:
    user = ConcentratorFactory.create(in_field=True, profile=profile)
    user.company.users.set(User.objects.all())
    listed.get_by_role("link", name="Delete").click()
    dialog = listed.get_by_role("dialog", name="Delete spontaneous profile")
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)
    dialog.get_by_role("link", name="Show them").click()
    expect(listed.get_by_role("row", name=user.serial_number)).to_be_visible()


def test_what_somebody_deleted_meanwhile_is_said(
    listed: Page, profile: SpontaneousProfile, problems: list[str]
) -> None:
    profile.delete()
    listed.get_by_role("link", name="Change").click()
    expect(listed.get_by_role("dialog").get_by_text("was deleted by")).to_be_visible()
    assert [problem for problem in problems if "404" in problem]
    problems.clear()


def test_who_was_signed_out_meanwhile_gets_to_the_sign_in(listed: Page) -> None:
    listed.context.clear_cookies()
    listed.get_by_role("link", name="Add").click()
    expect(listed.get_by_role("heading", name="Sign in")).to_be_visible()
    assert listed.url.endswith(f"{reverse('login')}?next={reverse('profiles:list')}")


def test_the_dialogs_still_work_after_the_way_back(listed: Page) -> None:
    listed.get_by_label("Search").fill("nothing")
    expect(listed.locator("td.empty")).to_be_visible()
    listed.wait_for_url("**q=nothing")
    listed.go_back()
    listed.get_by_role("link", name="Ten", exact=True).click()
    dialog = listed.get_by_role("dialog", name="Concentrator spontaneous")
    expect(dialog).to_be_visible()
    listed.keyboard.press("Escape")
    expect(listed.locator("dialog")).to_be_empty()


def test_a_procedure_profile_is_added_after_its_errors_and_made_the_default(
    page: Page, sign_in: Callable[[User], None]
) -> None:
    sign_in(User.objects.create_superuser("root"))  # who alone may choose the default
    page.goto(reverse("procedures:list"))
    page.get_by_role("link", name="Add").click()
    dialog = page.get_by_role("dialog", name="Add procedure profile")
    dialog.get_by_label("Name").fill("Night")
    dialog.get_by_label("Waves").fill("10, 100")
    dialog.get_by_label("Writes begin from").fill("22:00")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("label.wrong")).to_have_text(["Waves *", "Writes begin until"])
    expect(dialog.get_by_label("Waves")).to_be_focused()
    expect(dialog.get_by_label("Writes begin from")).to_have_value("22:00")
    dialog.get_by_label("Waves").fill("10, 100, all")
    dialog.get_by_label("Writes begin until").fill("05:00")
    dialog.get_by_role("button", name="Add").dblclick()
    row = page.get_by_role("row", name="Night 10, 100, all 10 % 22:00\N{EN DASH}05:00")
    expect(row).to_be_visible()
    row.get_by_role("link", name="Make default").click()
    page.get_by_role("dialog").get_by_role("button", name="Make default").click()
    expect(page.get_by_role("status")).to_have_text("“Night” is the default now.")
    expect(page.get_by_role("row", name="Night default")).to_be_visible()
    night = ProcedureProfile.objects.default()
    assert (night.name, night.begin_hour, night.end_hour) == ("Night", time(22), time(5))
    assert ProcedureProfile.objects.count() == 2
