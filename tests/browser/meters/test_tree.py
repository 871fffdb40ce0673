"""The tree of a concentrator with 2,000 meters, on a phone and on a desk (MET-6)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.concentrators.meters.pages.listing import grow
from tests.factories import ConcentratorFactory
from tests.support.accessibility import check_accessible

METERS = 2_000
REPEATERS = METERS // 10


@pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)
def test_two_thousand_meters_unfold_at_once_without_another_request(signed_in_page: Page, chile: Company) -> None:
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    one = ConcentratorFactory.create(company=chile, in_field=True, serial_number="A1")
    grow(one, METERS)
    page.goto(reverse("concentrator:tree", args=["A1"]))
    tree = page.locator("#tree")
    expect(tree.locator("li")).to_have_count(METERS)
    expect(tree.locator("details")).to_have_count(REPEATERS)
    expect(tree.locator("details[open]")).to_have_count(0)
    expect(tree.get_by_text("behind it: 18 directly, 1999 in all")).to_be_visible()
    check_accessible(page)

    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    first = tree.locator("summary").first
    first.focus()
    page.keyboard.press("Enter")
    expect(tree.get_by_role("link", name="MTR0000000001")).to_be_visible()
    page.get_by_role("link", name="Unfold all").click()
    expect(tree.locator("details[open]")).to_have_count(REPEATERS)
    expect(tree.get_by_role("link", name="MTR0000001999")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("link", name="Fold all", exact=True).click()
    expect(tree.locator("details[open]")).to_have_count(0)
    assert not asked
