"""The reports in a browser: filters in the URL, the way back (REP-6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import send
from tests.smmeplus.users import make_viewer

WAKEUP, PER_DAY = reverse("reports:wakeup"), reverse("reports:wakeup-per-day")


@pytest.fixture
def chile(db: None) -> Company:
    """Chile, of which A1 and A2 and B1 sent a wake-up on three days."""
    chile: Company = CompanyFactory.create(name="Chile")
    for serial in ("A1", "A2", "B1"):
        concentrator = ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True)
        send(concentrator, *(f"2020-09-{day} 12:00:00" for day in (21, 22, 23)))
    return chile


@pytest.fixture
def viewer_page(page: Page, sign_in: Callable[[User], None], chile: Company) -> Page:
    sign_in(make_viewer(chile, CompanyFactory.create(name="Peru")))
    return page


def expect_rows(page: Page, *names: str) -> None:
    expect(page.locator("tbody tr td:first-child")).to_have_text(list(names))


def test_typing_filters_the_table_and_the_way_back_restores_it(viewer_page: Page) -> None:
    viewer_page.goto(WAKEUP)
    expect_rows(viewer_page, "A1", "A2", "B1")
    viewer_page.get_by_label("Concentrator name").press_sequentially("a")
    expect_rows(viewer_page, "A1", "A2")
    viewer_page.wait_for_url("**q=a**")
    viewer_page.get_by_role("link", name="concentrator name").click()
    expect_rows(viewer_page, "A2", "A1")
    viewer_page.wait_for_url("**sort=-concentrator_name**")
    assert "q=a" in viewer_page.url
    viewer_page.go_back()
    expect_rows(viewer_page, "A1", "A2")
    expect(viewer_page.get_by_label("Concentrator name")).to_have_value("a")
    viewer_page.go_back()
    expect_rows(viewer_page, "A1", "A2", "B1")
    expect(viewer_page.get_by_label("Concentrator name")).to_have_value("")
    assert viewer_page.url.endswith(WAKEUP)
    expect(viewer_page.get_by_role("heading", name="Wake up messages")).to_be_visible()
    viewer_page.go_forward()
    expect_rows(viewer_page, "A1", "A2")


def test_another_filter_keeps_order_and_page_size_and_begins_at_the_first_page(
    viewer_page: Page, chile: Company
) -> None:
    for number in range(51):
        send(ConcentratorFactory.create(company=chile, serial_number=f"C{number:02}"), "2020-09-24 12:00:00")
    first = viewer_page.locator("tbody tr").first
    viewer_page.goto(WAKEUP)
    viewer_page.get_by_role("link", name="concentrator name").click()
    expect(first).to_contain_text("C50")
    viewer_page.get_by_role("link", name="50", exact=True).click()
    expect(viewer_page.locator("tbody tr")).to_have_count(50)
    viewer_page.get_by_role("link", name="2", exact=True).click()
    expect(first).to_contain_text("C00")
    viewer_page.get_by_label("Concentrator name").fill("c")
    expect(first).to_contain_text("C50")
    expect(viewer_page.locator("tbody tr")).to_have_count(50)
    viewer_page.wait_for_url("**q=c**")
    assert viewer_page.url.endswith("&sort=-concentrator_name&per_page=50")


def test_a_link_with_filters_shows_what_its_sender_saw(viewer_page: Page) -> None:
    viewer_page.goto(f"{PER_DAY}?from_day=2020-09-22&to_day=2020-09-22&q=a&sort=-concentrator_name")
    expect_rows(viewer_page, "A2", "A1")
    expect(viewer_page.get_by_label("From")).to_have_value("2020-09-22")
    expect(viewer_page.get_by_label("Concentrator name")).to_have_value("a")


def test_days_are_picked_and_emptied(viewer_page: Page) -> None:
    viewer_page.goto(PER_DAY)
    expect(viewer_page.locator("td.empty")).to_be_visible()
    viewer_page.get_by_label("From").fill("2020-09-23")
    viewer_page.get_by_label("To", exact=True).fill("2020-09-23")
    expect_rows(viewer_page, "A1", "A2", "B1")
    viewer_page.get_by_label("From").fill("")
    expect(viewer_page.locator(".total")).to_have_text("Total items: 9")


def test_another_company_shows_its_own(viewer_page: Page) -> None:
    viewer_page.goto(WAKEUP)
    viewer_page.get_by_label("Company").select_option("Peru")
    expect(viewer_page.locator("td.empty")).to_be_visible()
    viewer_page.get_by_label("Company").select_option("Chile")
    expect_rows(viewer_page, "A1", "A2", "B1")


def test_a_server_that_cannot_be_reached_is_said(viewer_page: Page, problems: list[str]) -> None:
    viewer_page.goto(WAKEUP)
    viewer_page.route("**/*", lambda route: route.abort())
    viewer_page.get_by_role("link", name="port", exact=True).click()
    expect(viewer_page.get_by_text("The server cannot be reached. Nothing was changed.")).to_be_visible()
    assert problems
    problems.clear()
