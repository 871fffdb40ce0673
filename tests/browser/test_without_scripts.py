"""What works in a browser without scripts: to look, to filter, to add (UI-3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"java_script_enabled": False}


@pytest.fixture
def listed(page: Page, sign_in: Callable[[User], None], db: None) -> Page:
    """The list of profiles, with two of them."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    for name in ("Ten", "Hundred"):
        SpontaneousProfileFactory.create(name=name)
    sign_in(make_operator(CompanyFactory.create()))
    page.goto(reverse("profiles:list"))
    return page


def test_add_is_a_page_that_keeps_what_was_typed_and_returns_to_the_list(listed: Page) -> None:
    listed.get_by_role("link", name="Add").click()
    assert listed.url.endswith(reverse("profiles:add"))
    expect(listed.get_by_role("heading", name="Add concentrator spontaneous")).to_be_visible()
    listed.get_by_label("Name").fill("a/b")
    listed.get_by_label("Wakeup period min").select_option("20")
    listed.get_by_role("button", name="Add").click()
    expect(listed.locator("label.wrong")).to_have_text("Name *")
    expect(listed.get_by_label("Name")).to_have_value("a/b")
    expect(listed.get_by_label("Wakeup period min")).to_have_value("20")
    listed.get_by_label("Name").fill("Twenty")
    listed.get_by_role("button", name="Add").click()
    assert listed.url.endswith(reverse("profiles:list"))
    expect(listed.get_by_text("Profile “Twenty” was added.")).to_be_visible()
    assert SpontaneousProfile.objects.get(name="Twenty").wakeup_period == 20
    listed.get_by_role("link", name="Add").click()
    listed.get_by_role("link", name="Cancel").click()
    assert listed.url.endswith(reverse("profiles:list"))


def test_a_list_is_filtered_and_sorted_by_links_and_a_button(listed: Page) -> None:
    names = listed.locator("tbody tr td:first-child")
    expect(names).to_have_text(["Hundred", "Ten"])
    listed.get_by_role("link", name="Name", exact=True).click()
    expect(names).to_have_text(["Ten", "Hundred"])
    listed.get_by_label("Search").fill("ten")
    listed.get_by_role("button", name="Show").click()
    expect(names).to_have_text(["Ten"])
    assert listed.url.endswith("?q=ten&sort=-name")
    listed.get_by_label("Search").fill("")
    listed.get_by_role("button", name="Show").click()
    expect(names).to_have_text(["Ten", "Hundred"])
