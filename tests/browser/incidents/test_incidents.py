"""Incidents in a browser: an operator acknowledges, comments, splits and merges (STA-5, UI-3)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.factories import IncidentFactory, OutageFactory
from tests.support.accessibility import check_accessible
from wakeup.models import Incident, IncidentNote, Outage

as_operator = pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)
LONG_NAME = "Alimentador subterráneo de la avenida Libertador Bernardo Higgins, tramo poniente"
EVIDENCE = [
    {"sign": "canaries arrive", "names": [], "number": 2, "of": 2},
    {"sign": "gasps arrive", "names": [], "number": 1, "of": 0},
]


def make(company: Company, feeder: str, prefix: str, number: int) -> Incident:
    begin = timezone.now() - timedelta(minutes=20)
    one: Incident = IncidentFactory.create(
        company=company,
        feeder=feeder,
        began_at=begin,
        members=number,
        dark=number,
        size=40,
        customers=120 * number,
        evidence=EVIDENCE,
        against=[{"sign": "heard", "names": [], "number": 1, "of": 9}],
    )
    IncidentNote.objects.create(incident=one, at=one.opened_at, kind="opened", facts={"concentrators": number})
    for index in range(number):
        place = {"concentrator__serial_number": f"{prefix}{index:03}", "company": company}
        OutageFactory.create(incident=one, began_at=begin, **place)
    return one


def look(page: Page, name: str) -> None:
    """Fail if the page is not accessible, or wider than its window, at a desk by day or on a phone by night."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


@as_operator
def test_an_operator_acknowledges_comments_splits_and_merges(signed_in_page: Page, chile: Company) -> None:
    page, dialog = signed_in_page, signed_in_page.get_by_role("dialog")
    one, wide = make(chile, LONG_NAME, "A", 30), make(chile, "13", "B", 3)
    page.goto(reverse("incidents:list"))
    look(page, "list")
    page.get_by_role("link", name="Libertador").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Libertador")
    look(page, "page")

    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#messages")).to_contain_text("The incident is acknowledged, and yours.")
    page.get_by_role("link", name="Comment").click()
    dialog.get_by_label("Comment").fill("The grid sends a crew")
    check_accessible(page)
    dialog.get_by_role("button", name="Add").click()
    expect(page.locator("#incident-timeline")).to_contain_text("operator: Comment The grid sends a crew")

    for serial in ("A001", "A002"):
        page.get_by_role("checkbox", name=serial).check()
    # What others do comes in by itself, and takes nothing away of what is chosen.
    IncidentNote.objects.create(incident=one, at=timezone.now(), kind="grew", facts={"concentrators": 31})
    page.evaluate("htmx.trigger('#incident-refresh', 'refresh')")
    expect(page.locator("#incident-timeline")).to_contain_text("It grew: 31 concentrators")
    expect(page.get_by_role("checkbox", name="A002")).to_be_checked()
    page.get_by_role("button", name="Split selected off").click()
    expect(dialog).to_contain_text("Make an incident of its own of 2 concentrators?")
    dialog.get_by_role("button", name="Split").click()
    expect(page.locator("#messages")).to_contain_text("This incident was split off. You are its owner.")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)

    page.get_by_role("link", name="Merge").click()
    dialog.get_by_label("Make it a part of").select_option(f"Incident {wide.pk}: Feeder 13 of Pudahuel")
    check_accessible(page)
    dialog.get_by_role("button", name="Merge").click()
    expect(page.locator("#messages")).to_contain_text("is a part of this one now.")
    expect(page.get_by_role("checkbox")).to_have_count(5)
    look(page, "merged")
    assert Outage.objects.filter(incident=wide).count() == 5
