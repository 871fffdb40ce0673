"""A second factor in a browser: set up on the own page, and asked for at the next sign-in (ACC-2)."""

from __future__ import annotations

from base64 import b32decode

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.test_sign_in import sign_in_by_form
from tests.smmeplus.people.sign_in.entering import code_of
from tests.support.accessibility import check_accessible


def test_it_is_set_up_and_then_asked_for(page: Page, administrator: User) -> None:
    sign_in_by_form(page, "administrator", "administrator")
    page.get_by_role("link", name="My account").click()
    check_accessible(page)
    page.get_by_role("link", name="Set up").click()
    page.set_viewport_size({"width": 390, "height": 844})
    square = page.get_by_role("img", name="A square to scan")
    assert square.evaluate("image => image.complete && image.naturalWidth > 100")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_accessible(page)
    key = b32decode(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Your password").fill("administrator")
    page.get_by_label("Code", exact=True).fill(code_of(key, -1))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in_by_form(page, "administrator", "administrator")
    expect(page.get_by_role("heading", name="Enter a code")).to_be_visible()
    check_accessible(page)
    page.goto(reverse("account"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(reverse("sign-in-code"))
    page.get_by_label("Code", exact=True).fill(code_of(key))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
