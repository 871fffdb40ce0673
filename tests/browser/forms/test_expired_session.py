"""A session that ends in the middle of each form: the password is asked for, and the form goes on (UI-9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from concentrators.models import Company, Concentrator, OutOfService, State
from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator
from tests.support.accessibility import check_accessible

PASSWORD = "one for the tests"
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def chile(db: None) -> Company:
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    chile: Company = CompanyFactory.create(name="Chile")
    return chile


@pytest.fixture
def ten(chile: Company) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten", wakeup_ip="10.132.20.228", company=chile)


@pytest.fixture
def operator(chile: Company) -> User:
    user = make_operator(chile)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def working(page: Page, sign_in: Callable[[User], None], operator: User, ten: SpontaneousProfile) -> Page:
    """The page of an operator who is signed in."""
    sign_in(operator)
    return page


def end_session(page: Page) -> None:
    """As time does: the browser drops its cookie, and the row goes."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    Session.objects.all().delete()


def sign_in_again(page: Page, name: str = "operator") -> None:
    expect(page.get_by_text("Your session has ended: sign in again to go on.")).to_be_visible()
    expect(page.get_by_text("What you typed has been kept.")).to_be_visible()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_new_profile(working: Page) -> None:
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Add").click()
    working.get_by_label("Name").fill("Typed with care")
    working.get_by_label("Wakeup period min").select_option("20")
    end_session(working)
    working.get_by_role("button", name="Add").click()
    expect(working.get_by_text("What you typed has been kept.")).to_be_visible()
    check_accessible(working)
    sign_in_again(working)
    expect(working.get_by_label("Name")).to_have_value("Typed with care")
    expect(working.get_by_label("Wakeup period min")).to_have_value("20")
    check_accessible(working)
    assert SpontaneousProfile.objects.count() == 1
    working.get_by_role("button", name="Add").click()
    expect(working.get_by_text("Profile “Typed with care” was added.")).to_be_visible()


def test_a_changed_profile_that_somebody_else_changed_meanwhile(working: Page, ten: SpontaneousProfile) -> None:
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Change").click()
    working.get_by_label("Name").fill("Renamed")
    end_session(working)
    ten.wakeup_period = 30
    ten.save()
    working.get_by_role("button", name="Save").click()
    sign_in_again(working)
    expect(working.get_by_label("Name")).to_have_value("Renamed")
    working.get_by_role("button", name="Save").click()
    expect(working.get_by_text("Stored now: 30. In your form: 10.")).to_be_visible()
    dialog = working.get_by_role("dialog")
    dialog.get_by_label("Wakeup period min").select_option("30")
    dialog.get_by_role("button", name="Save").click()
    expect(working.get_by_text("Profile “Renamed” was changed.")).to_be_visible()


def test_a_procedure_profile(working: Page) -> None:
    working.goto(reverse("procedures:list"))
    working.get_by_role("link", name="Add").click()
    working.get_by_label("Name").fill("Night")
    working.get_by_label("Waves").fill("10, 100, all")
    working.get_by_label("Writes begin from").fill("22:00")
    end_session(working)
    working.get_by_role("button", name="Add").click()
    sign_in_again(working)
    expect(working.get_by_label("Waves")).to_have_value("10, 100, all")
    expect(working.get_by_label("Writes begin from")).to_have_value("22:00")
    expect(working.get_by_text("Give both hours or none.")).to_be_visible()
    working.get_by_label("Writes begin until").fill("05:00")
    working.get_by_role("button", name="Add").click()
    expect(working.get_by_text("Procedure profile “Night” was added.")).to_be_visible()
    assert ProcedureProfile.objects.filter(name="Night", waves="10, 100, all").exists()


def test_a_concentrator(working: Page, chile: Company) -> None:
    one = ConcentratorFactory.create(company=chile)
    working.goto(reverse("concentrator:page", args=[one.serial_number]))
    working.get_by_role("link", name="Edit").click()
    working.get_by_label("Substation").fill("Ñuñoa")
    end_session(working)
    working.get_by_role("button", name="Save").click()
    sign_in_again(working)
    expect(working.get_by_label("Substation")).to_have_value("Ñuñoa")
    working.get_by_role("button", name="Save").click()
    expect(working.get_by_text(f"Concentrator {one.serial_number} was changed.")).to_be_visible()


def test_out_of_service(working: Page, chile: Company) -> None:
    one = ConcentratorFactory.create(company=chile, in_field=True)
    working.goto(reverse("concentrator:page", args=[one.serial_number]))
    working.get_by_role("link", name="Out of service").click()
    working.get_by_label("Reason").fill("New roof")
    working.get_by_role("button", name="8:00 in the morning").click()
    expect(working.get_by_label("Until")).not_to_have_value("")
    working.get_by_label("Until").fill(f"{timezone.now() + timedelta(days=3):%Y-%m-%dT12:00}")
    end_session(working)
    working.get_by_role("button", name="Set out of service").click()
    sign_in_again(working)
    expect(working.get_by_label("Reason")).to_have_value("New roof")
    assert not OutOfService.objects.exists()
    working.get_by_role("button", name="Set out of service").click()
    expect(working.get_by_text(f"Concentrator {one.serial_number} is set out of service.")).to_be_visible()


@pytest.mark.parametrize(
    ("view", "button", "state", "now"),
    [
        ("installation", "Install", State.AVAILABLE, State.IN_FIELD),
        ("modification", "Modify", State.IN_FIELD, State.IN_FIELD),
        ("removal", "Remove", State.IN_FIELD, State.REMOVED),
    ],
)
def test_a_selection(
    working: Page, chile: Company, ten: SpontaneousProfile, view: str, button: str, state: str, now: str
) -> None:
    other = SpontaneousProfileFactory.create(name="Hundred")
    facts = {"in_field": True, "profile": other} if state == State.IN_FIELD else {}
    for serial in ("A1", "A2", "A3"):
        ConcentratorFactory.create(company=chile, serial_number=serial, **facts)
    working.goto(reverse(f"concentrators:{view}"))
    for serial in ("A1", "A3"):
        working.get_by_role("row", name=serial).get_by_role("checkbox").check()
    if view != "removal":
        working.get_by_role("row", name="Ten").get_by_role("radio").check()
    end_session(working)
    working.get_by_role("button", name=button, exact=True).click()
    sign_in_again(working)
    dialog = working.get_by_role("dialog")
    expect(dialog.locator(".question")).to_contain_text("2 concentrators")
    check_accessible(working)
    assert Concentrator.objects.filter(state=state).count() == 3
    dialog.get_by_role("button", name="Cancel").click()
    working.get_by_role("button", name="Go on").click()
    expect(dialog.locator(".question")).to_contain_text("2 concentrators")
    dialog.get_by_role("button", name=button).click()
    expect(working.locator("#messages")).to_contain_text("2 concentrators")
    changed = Concentrator.objects.filter(state=now, profile=None if now == State.REMOVED else ten)
    assert sorted(changed.values_list("serial_number", flat=True)) == ["A1", "A3"]


def test_a_file(working: Page, tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("serial_number\n16CEC50610036665\n16CEC50610036666\n")
    working.goto(reverse("concentrators:upload"))
    working.get_by_label("Installation file").set_input_files(file)
    end_session(working)
    working.get_by_role("button", name="Preview").click()
    sign_in_again(working)
    expect(working.get_by_text("two.csv")).to_be_visible()
    working.get_by_role("button", name="Go on").click()
    expect(working.locator(".counts")).to_contain_text("2 new")


def test_a_question_in_a_dialog(working: Page, ten: SpontaneousProfile) -> None:
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Delete").click()
    question = "Delete the profile “Ten”? No concentrator uses it."
    expect(working.get_by_text(question)).to_be_visible()
    end_session(working)
    working.get_by_role("button", name="Delete").click()
    sign_in_again(working)
    expect(working.get_by_text(question)).to_be_visible()
    assert SpontaneousProfile.objects.filter(pk=ten.pk).exists()
    working.get_by_role("button", name="Delete").click()
    expect(working.get_by_text("Profile “Ten” was deleted.")).to_be_visible()


def test_another_user_signs_in(working: Page, chile: Company) -> None:
    other = make_operator(chile, name="other")
    other.set_password(PASSWORD)
    other.save()
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Add").click()
    working.get_by_label("Name").fill("Typed with care")
    end_session(working)
    working.get_by_role("button", name="Add").click()
    sign_in_again(working, "other")
    expect(working.get_by_text("What another user had typed in this browser was thrown away.")).to_be_visible()
    assert "Typed with care" not in working.content()


def test_on_a_phone_the_kept_selection_fits(working: Page, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="A1")
    working.set_viewport_size(PHONE)
    working.goto(reverse("concentrators:installation"))
    working.get_by_role("row", name="A1").get_by_role("checkbox").check()
    working.get_by_role("row", name="Ten").get_by_role("radio").check()
    end_session(working)
    working.get_by_role("button", name="Install", exact=True).click()
    sign_in_again(working)
    expect(working.get_by_role("dialog").locator(".question")).to_be_visible()
    assert working.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_what_cannot_be_sent_stays_in_its_dialog(working: Page, problems: list[str]) -> None:
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Add").click()
    working.get_by_label("Name").fill("Typed with care")
    working.route("**/*", lambda route: route.abort())
    working.get_by_role("button", name="Add").click()
    expect(working.get_by_role("dialog").get_by_role("alert")).to_contain_text("The server cannot be reached.")
    expect(working.get_by_label("Name")).to_have_value("Typed with care")
    working.unroute("**/*")
    working.get_by_label("Wakeup period min").select_option("20")
    working.get_by_role("button", name="Add").click()
    expect(working.get_by_text("Profile “Typed with care” was added.")).to_be_visible()
    assert problems
    problems.clear()


def test_the_period_is_mandatory_only_while_wakeup_is_enabled(working: Page) -> None:
    working.goto(reverse("profiles:list"))
    working.get_by_role("link", name="Add").click()
    star = working.get_by_text("Wakeup period min").locator(".mandatory")
    expect(star).to_be_visible()
    working.get_by_label("Wakeup enabled").uncheck()
    expect(star).to_be_hidden()
    working.get_by_label("Wakeup enabled").check()
    expect(star).to_be_visible()
