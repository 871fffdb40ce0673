"""Every page and dialog of the product: accessible, and no wider than its window (UI-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from concentrators.models import Company, RollOut
from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory
from tests.plugins.effort import IN_CI
from tests.smmeplus.every_url import paths_without_arguments
from tests.smmeplus.populated import populate
from tests.smmeplus.users import make_viewer
from tests.support.accessibility import check_accessible
from wakeup.models import Alarm

EVERY_SCREEN = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
A_PHONE_BY_NIGHT = EVERY_SCREEN[3]  # the narrowest, and the colours that are looked at least
A_FEW_SCREENS = [EVERY_SCREEN[0], A_PHONE_BY_NIGHT] if IN_CI else [A_PHONE_BY_NIGHT]
NOT_OURS = ("/admin/", "/api/", "/i18n/")


@pytest.fixture
def chile(db: None) -> Company:
    """Chile with three of everything; the profile A000 is used, the others are not."""
    SystemSettings.objects.create(
        environment_name="Production",
        wakeup_ip="10.132.20.228",
        last_gasp_configurable=True,
        last_gasp_ip="10.132.20.230",
        reporting_zone="Europe/Rome",
    )
    chile: Company = CompanyFactory.create(name="Chile")
    populate(chile, "A", 3)
    return chile


@pytest.fixture
def listed(signed_in_page: Page, chile: Company) -> Page:
    """The list of profiles."""
    signed_in_page.goto(reverse("profiles:list"))
    return signed_in_page


def check(page: Page, screens: list[tuple[int, str]] = A_FEW_SCREENS) -> None:
    """Fail if ``page`` breaks a rule or is too wide on one of ``screens``: their widths and schemes."""
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 800})
        # Without motion, or colours would be measured on their way from one scheme to the other.
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, f"{page.url} is {overflow} px wider than {width} px"
        check_accessible(page)


def pages_of(user: User) -> list[str]:
    """The addresses without an argument that show ``user`` a page."""
    client = Client()
    client.force_login(user)
    paths = [path for path in paths_without_arguments() if not path.startswith(NOT_OURS)]
    return [path for path in paths if _is_page(client.get(path))]


def _is_page(response: object) -> bool:
    headers: dict[str, str] = getattr(response, "headers", {})
    is_shown = getattr(response, "status_code", 0) == 200 and "attachment" not in headers.get("Content-Disposition", "")
    return is_shown and headers["Content-Type"].startswith("text/html")


def test_every_page(signed_in_page: Page, administrator: User, chile: Company) -> None:
    pages = pages_of(administrator)
    assert {reverse("profiles:list"), reverse("profiles:add"), reverse("reports:wakeup")} < set(pages)
    for path in pages:
        signed_in_page.goto(path)
        check(signed_in_page, EVERY_SCREEN if IN_CI else A_FEW_SCREENS)


def test_lists_with_several_pages(signed_in_page: Page, administrator: User) -> None:
    populate(CompanyFactory.create(), "A", 26)
    for view in ("concentrators:installation", "reports:wakeup"):
        signed_in_page.goto(reverse(view))
        check(signed_in_page)


@pytest.mark.ci_only  # at the desk they are looked at as dialogs
def test_the_dialogs_of_a_profile_as_pages(signed_in_page: Page, chile: Company) -> None:
    used = SpontaneousProfile.objects.get(name="A000")
    for action in ("show", "change", "clone", "delete"):
        signed_in_page.goto(reverse(f"profiles:{action}", args=[used.pk]))
        check(signed_in_page)


def test_the_dialogs_of_a_profile(listed: Page) -> None:
    of_used, of_unused = ["A000", "Rename", "Delete"], ["Change", "Clone", "Delete"]
    for profile, link in [*(("A000", link) for link in of_used), *(("A002", link) for link in of_unused)]:
        listed.get_by_role("row").filter(has_text=profile).get_by_role("link", name=link, exact=True).click()
        expect(listed.get_by_role("dialog")).to_be_visible()
        check(listed)
        listed.keyboard.press("Escape")
        expect(listed.get_by_role("dialog")).to_be_hidden()


def test_the_dialogs_of_a_procedure_profile(signed_in_page: Page, chile: Company) -> None:
    signed_in_page.goto(reverse("procedures:list"))
    for link in ("A000", "Change", "Clone", "Make default", "Delete"):
        signed_in_page.get_by_role("row").filter(has_text="A000").get_by_role("link", name=link, exact=True).click()
        expect(signed_in_page.get_by_role("dialog")).to_be_visible()
        check(signed_in_page)
        signed_in_page.keyboard.press("Escape")
        expect(signed_in_page.get_by_role("dialog")).to_be_hidden()


def test_a_roll_out_and_its_dialogs(signed_in_page: Page, chile: Company) -> None:
    one = RollOut.objects.first()
    assert one is not None
    RollOut.objects.filter(pk=one.pk).update(state="halted", is_settled=False)
    one.members.update(outcome="failed")
    signed_in_page.goto(reverse("rollouts:page", args=[one.pk]))
    check(signed_in_page)
    for link in ("Resume", "Retry the failed", "Cancel roll-out"):
        signed_in_page.get_by_role("link", name=link).click()
        expect(signed_in_page.get_by_role("dialog")).to_be_visible()
        check(signed_in_page)
        signed_in_page.keyboard.press("Escape")
        expect(signed_in_page.get_by_role("dialog")).to_be_hidden()


def test_an_alarm_and_its_dialogs(signed_in_page: Page, chile: Company) -> None:
    one = Alarm.objects.latest("pk")
    signed_in_page.goto(reverse("alarms:page", args=[one.pk]))
    check(signed_in_page)
    for link in ("Acknowledge", "Shelve"):
        signed_in_page.get_by_role("link", name=link, exact=True).click()
        expect(signed_in_page.get_by_role("dialog")).to_be_visible()
        check(signed_in_page)
        signed_in_page.keyboard.press("Escape")
        expect(signed_in_page.get_by_role("dialog")).to_be_hidden()
    signed_in_page.get_by_role("link", name="Shelve", exact=True).click()
    signed_in_page.get_by_label("Reason").fill("Known")
    signed_in_page.get_by_role("button", name="Shelve").click()
    expect(signed_in_page.locator(".facts")).to_contain_text("shelved until")


def test_a_dialog_with_wrong_values(listed: Page) -> None:
    listed.get_by_role("link", name="Add").click()
    dialog = listed.get_by_role("dialog")
    dialog.get_by_label("Name").fill("#")
    dialog.get_by_label("Last Gasp enabled").check()
    dialog.get_by_label("Last Gasp IP").fill("10.0.0")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("label.wrong")).to_have_count(3)
    check(listed)


@pytest.fixture
def chosen(signed_in_page: Page, chile: Company) -> Callable[[str], Locator]:
    """Chooses two concentrators on the page of a view, and gives the page's button."""

    def chosen(view: str) -> Locator:
        signed_in_page.goto(reverse(f"concentrators:{view}"))
        for box in signed_in_page.locator("#choose-concentrators input").all()[:2]:
            box.check()
        return signed_in_page.locator("main .dialog-foot button")

    return chosen


@pytest.mark.parametrize("view", ["installation", "removal"])
def test_the_errors_and_the_question_of_a_choice(
    signed_in_page: Page, chosen: Callable[[str], Locator], view: str
) -> None:
    chosen(view).click()
    dialog = signed_in_page.get_by_role("dialog")
    expect(dialog.locator(".question") if view == "removal" else dialog.get_by_role("alert")).to_be_visible()
    check(signed_in_page)


def test_what_a_page_says_after_it_did_something(signed_in_page: Page, chosen: Callable[[str], Locator]) -> None:
    chosen("removal").click()
    signed_in_page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(signed_in_page.get_by_text("2 concentrators were removed")).to_be_visible()
    check(signed_in_page)


def test_pages_for_who_has_no_company_and_settings_without_an_address(
    page: Page, sign_in: Callable[[User], None], db: None
) -> None:
    sign_in(make_viewer(name="new"))
    for view in ("reports:wakeup", "profiles:list", "concentrators:list"):
        page.goto(reverse(view))
        check(page)
