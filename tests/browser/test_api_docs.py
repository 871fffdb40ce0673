"""Swagger UI: offline, under a Content-Security-Policy, and able to ask (API-1)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from profiles.models import SystemSettings

DOCS = reverse("api:docs")


@pytest.mark.ci_only  # the page is a library's, and a heavy one
@pytest.mark.usefixtures("db")
def test_the_docs_show_every_operation_and_ask_with_the_session(signed_in_page: Page) -> None:
    SystemSettings.objects.create(environment_name="Production")
    answer = signed_in_page.goto(DOCS)
    assert answer is not None
    policy = (answer.header_value("content-security-policy") or "").split("; ")  # in any order
    assert {"style-src 'self' 'unsafe-inline'", "script-src 'self'"} <= set(policy)
    expect(signed_in_page.locator(".opblock")).to_have_count(64)
    settings = signed_in_page.locator("#operations-settings-settings_retrieve")
    settings.get_by_role("button").first.click()
    settings.get_by_role("button", name="Try it out").click()
    settings.get_by_role("button", name="Execute").click()
    expect(settings.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    expect(settings.locator(".live-responses-table")).to_contain_text("Production")
