"""The page of one concentrator in a browser, and trying many again from lists (CON-6, ACC-3, CFG-3, UI-3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.models import Assignment, Company, Concentrator, Configuration, PowerFailure, PowerLog, State
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send
from tests.smmeplus.populated import populate
from tests.support.accessibility import check_accessible, check_still_accessible

SCREENS = {"1280 light": (1280, 800, "light"), "390 dark": (390, 844, "dark")}

as_operator = pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """In field for three days, with an outage on the second, which its log told before it could not be read again."""
    now = timezone.now()
    one = ConcentratorFactory.create(
        company=chile, in_field=True, installed_at=now - timedelta(days=3), substation="Six"
    )
    Assignment.objects.create(concentrator=one, begin=now - timedelta(days=3), period_min=10)
    moments = [now - timedelta(minutes=10 * place) for place in range(3 * 144) if not 200 < place < 230]
    send(one, *(str(moment.replace(tzinfo=None)) for moment in moments))
    log = {"failure": "silent", "tries": 1, "due_at": now, "skipped": 1}
    PowerLog.objects.create(concentrator=one, booted_at=now, read_at=now - timedelta(days=1), **log)
    ended_at = now - timedelta(hours=33)
    PowerFailure.objects.create(
        concentrator=one, ended_at=ended_at, duration_s=17_400, read_at=now, device_at=ended_at - timedelta(days=1)
    )
    return one


@pytest.fixture(params=[pytest.param("1280 light", marks=pytest.mark.ci_only), "390 dark"])
def screen(request: pytest.FixtureRequest, page: Page) -> None:
    """The page on a desk by day, and on a phone by night."""
    width, height, scheme = SCREENS[request.param]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


@pytest.fixture
def opened(signed_in_page: Page, screen: None, one: Concentrator) -> Page:
    signed_in_page.goto(reverse("concentrator:page", args=[one.serial_number]))
    return signed_in_page


def fits(page: Page) -> bool:
    """Whether nothing but the frames of tables and of the map scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def color(page: Page, selector: str) -> str:
    found: str = page.locator(selector).first.evaluate("e => getComputedStyle(e).fill")
    return found


@as_operator
def test_the_page_shows_the_map_and_the_same_as_a_table(opened: Page, one: Concentrator) -> None:
    expect(opened.get_by_role("heading", name=one.serial_number)).to_be_visible()
    expect(opened.get_by_role("img", name="Wake-ups by day and hour")).to_be_visible()
    levels = ("full", "missed", "no-data")
    assert len({color(opened, f".heat-map .{level} > rect") for level in levels} - {"rgb(0, 0, 0)"}) == len(levels)
    table = opened.get_by_role("region", name="Table of wake-ups by day and hour")
    expect(table).not_to_be_visible()
    check_accessible(opened)
    assert fits(opened)

    opened.get_by_text("The same as a table").click()
    expect(table).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(31)
    check_accessible(opened)
    assert fits(opened)


@as_operator
def test_a_fact_changes_in_the_dialog_and_the_history_tells_who_did_it(opened: Page, one: Concentrator) -> None:
    opened.get_by_role("link", name="Edit").click()
    dialog = opened.get_by_role("dialog", name="Change concentrator")
    expect(dialog.get_by_label("Type")).to_be_focused()
    check_accessible(opened)
    assert fits(opened)

    dialog.get_by_label("Management port").fill("0")
    dialog.get_by_label("Substation").fill("Ñuñoa")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Management port")).to_be_focused()
    expect(dialog.get_by_label("Substation")).to_have_value("Ñuñoa")
    check_still_accessible(opened)

    dialog.get_by_label("Management port").fill("4059")
    dialog.get_by_role("button", name="Save").click()
    expect(opened.get_by_text(f"Concentrator {one.serial_number} was changed.")).to_be_visible()
    newest = opened.get_by_role("region", name="History", exact=True).get_by_role("row").nth(1)
    expect(newest).to_contain_text("operator")
    expect(newest).to_contain_text("substation: Six → Ñuñoa")
    expect(opened.locator("dd", has_text="Ñuñoa")).to_be_visible()


@as_operator
def test_it_is_set_out_of_service_in_the_dialog_and_put_back(opened: Page, one: Concentrator) -> None:
    opened.get_by_role("link", name="Out of service").click()
    dialog = opened.get_by_role("dialog", name="Out of service")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    check_accessible(opened)
    assert fits(opened)

    dialog.get_by_label("Until").fill(f"{timezone.now() + timedelta(days=3):%Y-%m-%dT12:00}")
    dialog.get_by_role("button", name="Set out of service").click()
    expect(dialog.get_by_label("Reason")).to_be_focused()
    expect(dialog.get_by_label("Until")).not_to_have_value("")
    dialog.get_by_label("Reason").fill("New roof")
    dialog.get_by_role("button", name="Set out of service").click()
    expect(opened.get_by_role("region", name="Status", exact=True)).to_contain_text("New roof")
    check_still_accessible(opened)
    assert fits(opened)

    opened.get_by_role("button", name="Back in service").click()
    expect(opened.get_by_role("region", name="Times out of service")).to_contain_text("ended by operator")
    check_still_accessible(opened)


@as_operator
def test_a_removed_one_is_made_available_and_offered_for_installation(signed_in_page: Page, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="GONE1", state=State.REMOVED)
    signed_in_page.set_viewport_size({"width": 390, "height": 844})
    signed_in_page.goto(reverse("concentrator:page", args=["GONE1"]))
    check_accessible(signed_in_page)
    assert fits(signed_in_page)
    signed_in_page.get_by_role("button", name="Make available").click()
    expect(signed_in_page.get_by_role("heading", name="GONE1 available")).to_be_visible()
    newest = signed_in_page.get_by_role("region", name="History", exact=True).locator("tbody tr").first
    expect(newest).to_contain_text("state: removed → available")
    check_still_accessible(signed_in_page)
    signed_in_page.get_by_role("link", name="Install it").click()
    expect(signed_in_page.locator("#choose-concentrators").get_by_label("GONE1")).to_be_visible()


@as_operator
def test_the_profile_opens_over_the_page(opened: Page, one: Concentrator) -> None:
    opened.get_by_role("link", name=str(one.profile)).click()
    expect(opened.get_by_role("dialog", name="Concentrator spontaneous")).to_be_visible()


@as_operator
@pytest.mark.parametrize(
    ("view", "choice"), [("concentrators:list", "Configuration"), ("configurations:list", "State")]
)
def test_what_the_filters_of_a_list_show_is_tried_again(
    signed_in_page: Page, screen: None, chile: Company, view: str, choice: str
) -> None:
    """The dialog takes the filters out of the form that htmx changes. Of 22 in field the last two have failed."""
    populate(chile, "A", 22)
    page = signed_in_page
    page.goto(reverse(view))
    page.locator("#filters").get_by_label(choice, exact=True).select_option("failed")
    expect(page.get_by_text("Total items: 2")).to_be_visible()
    page.get_by_role("link", name="Try again now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Write the configurations of 2 concentrators again now")).to_be_visible()
    check_accessible(page)
    assert fits(page)
    assert not Configuration.objects.filter(state="pending").exists()
    dialog.get_by_role("button", name="Try again now").click()
    expect(page.get_by_text("The configurations of 2 concentrators are due now.")).to_be_visible()
    assert Configuration.objects.filter(state="pending").count() == 2
