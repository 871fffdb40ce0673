"""Keys of a concentrator are entered in a dialog, which never shows them (SEC-3)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from playwright.sync_api import Page, expect

from concentrators.models import LAST_COUNTER, Company, DeviceKeys
from tests.browser.test_concentrator_page import fits
from tests.factories import ConcentratorFactory
from tests.support.accessibility import check_accessible

WRONG = "C0DE" * 7 + "C0DX"


@pytest.mark.parametrize(
    "screen", [pytest.param((1280, "light"), marks=pytest.mark.ci_only), (390, "dark")], ids=["desk", "phone"]
)
def test_keys_are_entered_and_ciphered_only_turned_on(
    signed_in_page: Page, chile: Company, settings: Any, screen: tuple[int, Any]
) -> None:
    page, (width, scheme) = signed_in_page, screen
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    one = ConcentratorFactory.create(company=chile)
    page.goto(reverse("concentrator:page", args=[one.serial_number]))
    page.get_by_role("link", name="Enter keys").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("System title").fill("41 70 53 00 00 00 00 01")
    dialog.get_by_label("Unicast key").fill(WRONG)
    dialog.get_by_label("Authentication key").fill("CAFE" * 8)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("1 character here is something else.")).to_be_visible()
    for label in ("Unicast key", "Authentication key"):
        expect(dialog.get_by_label(label)).to_have_value("")
        expect(dialog.get_by_label(label)).to_have_attribute("type", "password")
    assert WRONG not in page.content()
    check_accessible(page)
    assert fits(page)
    dialog.get_by_label("Unicast key").fill("C0DE" * 8)
    dialog.get_by_label("Authentication key").fill("CAFE" * 8)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("none yet with these keys")).to_be_visible()

    page.get_by_role("link", name="Ciphered only").click()
    expect(page.get_by_text("No ciphered message has come in with these keys yet.")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Only ciphered messages of")).to_be_visible()
    DeviceKeys.objects.update(accepted_counter=LAST_COUNTER)
    page.reload()
    expect(page.get_by_text("The key is used up")).to_be_visible()
    check_accessible(page)
    assert fits(page)
