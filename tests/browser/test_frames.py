"""What would this frame be? Asked from the page of an unknown sender and from that of a type, in a browser (WIR-4)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from concentrators.models import KindRule
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.dlms.vectors import VECTORS
from tests.support.accessibility import check_accessible
from tests.wakeup.pages.strays import SERIAL, URL, make_stray

KEEPALIVE = next(vector.frame for vector in VECTORS if vector.name == "DN-P-cerco1").hex(" ")


@pytest.fixture
def page_of_a_type(signed_in_page: Page, administrator: User) -> Page:
    """That of a type to which a keep-alive is a last gasp."""
    smr = ConcentratorTypeFactory.create(name="SMR")
    KindRule.objects.create(type=smr, sign="push 0-1:25.9.0.255", kind=Kind.LASTGASP)
    signed_in_page.set_viewport_size({"width": 1280, "height": 800})
    signed_in_page.goto(reverse("admin:concentrators_concentratortype_change", args=[smr.pk]))
    return signed_in_page


def test_a_frame_is_read_from_the_page_of_a_type_which_fits_its_window(page_of_a_type: Page) -> None:
    page = page_of_a_type
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_label("Frame in hex").fill(KEEPALIVE)
    page.get_by_role("button", name="Read the frame").click()
    expect(page.get_by_role("row").filter(has_text="SMR")).to_contain_text("lastgasp")
    check_accessible(page)


def test_another_frame_is_read_in_the_dialog_of_an_unknown_sender(page_of_a_type: Page) -> None:
    page, dialog = page_of_a_type, page_of_a_type.get_by_role("dialog")
    make_stray()
    page.goto(URL)
    page.get_by_role("link", name=SERIAL).click()
    expect(dialog.get_by_role("row").filter(has_text="SMR")).to_contain_text("lastgasp")
    dialog.get_by_text("What would another frame be?").click()
    check_accessible(page)
    dialog.get_by_label("Frame in hex").fill("00 0g")
    dialog.get_by_role("button", name="Read the frame").click()
    expect(dialog).to_contain_text("“g” in “0g” is not a hex digit")
    expect(dialog.get_by_label("Frame in hex")).to_be_focused()
    dialog.get_by_label("Frame in hex").fill(KEEPALIVE)
    dialog.get_by_role("button", name="Read the frame").click()
    expect(dialog).to_contain_text("A message of 16CEC50610036665, by the defaults (CERCO1): keepalive.")
    check_accessible(page)
