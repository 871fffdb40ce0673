"""Every list on a desk and on a phone, light and dark: nothing is cut, nothing hidden (UI-6)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import IN_CI
from tests.smmeplus.common.all_lists import LISTS
from tests.smmeplus.populated import populate
from tests.support.accessibility import check_accessible, check_still_accessible

SCREENS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
A_DESK, A_PHONE_BY_NIGHT = SCREENS[0], SCREENS[3]

#: What is wrong with the tables of a page, each as a sentence.
FAULTS = """() => {
  const faults = [];
  for (const room of document.querySelectorAll(".list-table")) {
    const box = room.getBoundingClientRect(), name = room.getAttribute("aria-label");
    const inSight = (element) => {
      const one = element.getBoundingClientRect();
      return one.left >= box.left - 1 && one.right <= box.right + 1;
    };
    const actions = [...room.querySelectorAll("tbody .row-actions :is(a, button), tbody input:not([type=hidden])")];
    for (const action of actions) {
      if (!inSight(action)) faults.push(`${name}: “${action.textContent || action.type}” is cut`);
    }
    const isWide = room.scrollWidth > room.clientWidth + 1;
    room.scrollLeft = room.scrollWidth;
    const frozen = room.querySelector(`tbody tr > :nth-child(${room.matches(".frozen-2") ? 2 : 1}):not(.empty)`);
    const keeps = innerWidth > 960 || !actions.length;
    if (frozen && isWide && keeps && !inSight(frozen)) faults.push(`${name}: its rows lose their name`);
    for (const action of actions) if (!inSight(action)) faults.push(`${name}: an action is cut when it is scrolled`);
    room.scrollTop = room.scrollHeight;
    const head = room.querySelector("thead th").getBoundingClientRect();
    if (Math.abs(head.top - box.top) > 2) faults.push(`${name}: its head scrolls away`);
    room.scrollTo(0, 0);
  }
  return faults;
}"""


@pytest.fixture
def chile(db: None) -> Company:
    """Chile with more of everything than a page shows, and a profile with the longest name that there may be."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    chile: Company = CompanyFactory.create(name="Chile")
    populate(chile, "A", 26)
    ConcentratorFactory.create(company=chile, serial_number="A" + "W" * 31, in_field=True, profile__name="W" * 50)
    return chile


def test_no_list_hides_an_action_a_name_or_its_head(signed_in_page: Page, chile: Company) -> None:
    for view in dict.fromkeys(listed.view for listed in LISTS):
        query = urlencode({**next(one.query for one in LISTS if one.view == view), "company": chile.pk})
        for width, scheme in SCREENS if IN_CI else (A_DESK, A_PHONE_BY_NIGHT):
            signed_in_page.set_viewport_size({"width": width, "height": 800})
            signed_in_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            signed_in_page.goto(f"{reverse(view)}?{query}")
            expect(signed_in_page.locator(".list-table").first).to_be_visible()
            assert signed_in_page.evaluate(FAULTS) == [], f"{view} at {width} px"
            assert signed_in_page.evaluate("document.documentElement.scrollWidth") == width, f"{view} at {width} px"
            check_still_accessible(signed_in_page)
    check_accessible(signed_in_page)


def test_the_heat_map_opens_at_today_on_a_phone_with_its_names_in_sight(signed_in_page: Page, chile: Company) -> None:
    signed_in_page.set_viewport_size({"width": 390, "height": 844})
    signed_in_page.goto(f"{reverse('reports:days')}?company={chile.pk}")
    room = signed_in_page.locator(".heat-wrap")
    expect(room).to_have_attribute("data-opened", "")
    left, rest, name = room.evaluate(
        """(room) => [room.scrollLeft, room.scrollWidth - room.clientWidth - room.scrollLeft,
                      room.querySelector(".name").getBoundingClientRect().left - room.getBoundingClientRect().left]"""
    )
    assert left > 0
    assert rest <= 1
    assert name >= 0


def test_filters_leave_the_first_screen_of_a_phone_to_the_rows(signed_in_page: Page, chile: Company) -> None:
    signed_in_page.set_viewport_size({"width": 390, "height": 844})
    signed_in_page.goto(f"{reverse('reports:in-field')}?company={chile.pk}")
    expect(signed_in_page.locator("tbody tr").first).to_be_in_viewport()
    signed_in_page.get_by_label("Feeder").fill("r 1")
    signed_in_page.wait_for_url("**feeder=r%201**")
    check_accessible(signed_in_page)
