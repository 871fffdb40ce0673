"""From a frame of an unknown serial number to its concentrator, in a browser (LIS-6)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from concentrators.models import Company, Concentrator, State
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory
from tests.smmeplus.users import make_user
from tests.support.accessibility import check_accessible, check_still_accessible
from tests.wakeup.pages.strays import ADD, CHANGE, SERIAL, URL, VIEW, make_stray, send
from wakeup.models import StrayFrame, StrayReason

SCREENS = {"1280 light": (1280, 800, "light"), "390 dark": (390, 844, "dark")}
HOSTILE = b'/<img src=x onerror=alert(1)>\r\n\r\n"><script>alert(1)</script>\r\n0-0:96.11.0(' + b"x" * 400 + b")\r\n!"


@pytest.fixture
def chile(db: None) -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    permissions = (VIEW, CHANGE, ADD, "concentrators.change_concentrator")
    return make_user("operator", chile, permissions=permissions)


@pytest.fixture(params=[pytest.param("1280 light", marks=pytest.mark.ci_only), "390 dark"])
def screen(request: pytest.FixtureRequest, page: Page) -> None:
    """The page on a desk by day, and on a phone by night."""
    width, height, scheme = SCREENS[request.param]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


as_operator = pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)


def row_of(page: Page, sender: str) -> Locator:
    return page.get_by_role("row").filter(has_text=sender)


def fits(page: Page) -> bool:
    """Whether nothing but the table's own frame scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@as_operator
def test_a_frame_of_an_unknown_serial_number_becomes_a_concentrator(
    signed_in_page: Page, chile: Company, screen: None
) -> None:
    page, dialog = signed_in_page, signed_in_page.get_by_role("dialog")
    page.goto(URL)
    expect(page.get_by_role("table")).to_contain_text("All is well")
    check_still_accessible(page)

    send(raw=push_notification(SERIAL, Kind.KEEPALIVE))
    page.goto(URL)
    expect(row_of(page, SERIAL)).to_contain_text("unknown serial number")
    check_accessible(page)

    page.get_by_role("link", name=SERIAL).click()
    expect(dialog.get_by_role("heading", name="Stray frame")).to_be_visible()
    expect(dialog).to_contain_text("0-1:25.9.0.255 (push setup, keepalive)")
    expect(dialog.get_by_role("region", name="Bytes in hex")).to_contain_text("0000  00 01 00 01")
    check_accessible(page)
    assert fits(page)

    dialog.get_by_role("link", name="Create concentrator").click()
    expect(dialog.get_by_role("heading", name="Create concentrator")).to_be_visible()
    expect(dialog.get_by_label("Serial number")).to_have_value(SERIAL)
    dialog.get_by_label("Management IP").fill("10.20.30.400")
    dialog.get_by_label("Substation").fill("Ñuñoa")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator("label.wrong")).to_have_text("Management IP")
    expect(dialog.get_by_label("Management IP")).to_be_focused()
    check_accessible(page)
    dialog.get_by_label("Management IP").fill("10.20.30.40")
    dialog.get_by_role("button", name="Create").click()

    expect(page.locator("#messages")).to_contain_text(f"Concentrator {SERIAL} was created and can be installed.")
    expect(row_of(page, SERIAL)).to_have_count(0)
    check_still_accessible(page)
    made = Concentrator.objects.get()
    assert (made.serial_number, made.company, made.state, made.substation) == (SERIAL, chile, State.AVAILABLE, "Ñuñoa")
    page.get_by_role("link", name="Install it").click()
    expect(page.get_by_role("checkbox", name=SERIAL)).to_be_visible()


@as_operator
def test_a_sender_is_ignored_and_listed_again_without_losing_the_filters(signed_in_page: Page) -> None:
    page = signed_in_page
    for sender in ("AAA1", "AAA2", "BBB1"):
        make_stray(sender)
    page.goto(f"{URL}?q=AAA")
    row_of(page, "AAA1").get_by_role("button", name="Ignore").click()
    expect(page.locator("#messages")).to_contain_text("“AAA1” is ignored")
    expect(page.get_by_role("link", name="AAA2")).to_be_visible()
    expect(row_of(page, "AAA1")).to_have_count(0)
    expect(row_of(page, "BBB1")).to_have_count(0)

    page.get_by_label("Ignored").select_option("Ignored")
    page.get_by_role("link", name="AAA1").click()
    page.get_by_role("dialog").get_by_role("button", name="Do not ignore").click()
    expect(page.locator("#messages")).to_contain_text("“AAA1” is listed")
    expect(page.get_by_label("Ignored")).to_have_value("yes")
    assert not StrayFrame.objects.filter(ignored=True).exists()


@as_operator
def test_hostile_bytes_are_shown_and_do_nothing(signed_in_page: Page, chile: Company, screen: None) -> None:
    page, dialog = signed_in_page, signed_in_page.get_by_role("dialog")
    removed = ConcentratorFactory.create(company=chile, state=State.REMOVED)
    make_stray(removed.serial_number, StrayReason.REMOVED)
    make_stray("<b>x</b><script>alert(1)</script>", StrayReason.MALFORMED, detail="<img src=x>", last_bytes=HOSTILE)
    make_stray("fe80:1234:5678:9abc:def0:1234:5678:9abc", StrayReason.MALFORMED, detail="x" * 200, ignored=True)
    page.goto(f"{URL}?ignored=")
    expect(page.get_by_role("link", name="Show concentrator")).to_be_visible()
    check_accessible(page)
    assert fits(page)
    page.get_by_role("link", name="<b>x</b>").click()
    expect(dialog).to_contain_text('line "\\"><script>alert(1)</script>"'.replace("\\", ""))
    expect(dialog.locator("strong")).to_have_text("refused")
    expect(dialog.locator("img, script, b")).to_have_count(0)
    check_accessible(page)
    assert fits(page)
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


@as_operator
def test_a_sender_that_has_gone_meanwhile_is_said_to_be_gone(signed_in_page: Page) -> None:
    make_stray()
    signed_in_page.goto(URL)
    StrayFrame.objects.all().delete()
    row_of(signed_in_page, SERIAL).get_by_role("button", name="Ignore").click()
    expect(signed_in_page.locator("#messages")).to_contain_text("somebody has dealt with it meanwhile")
    expect(signed_in_page.get_by_role("table")).to_contain_text("All is well")
