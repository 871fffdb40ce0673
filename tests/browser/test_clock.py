"""The pages of the tests have the clock of the tests, wherever it is moved to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.browser_clock import move_clock

NOW_IN_ALL_WAYS = "[Date.now(), new Date().getTime(), Date.parse(Date())]"


def now_of(page: Page) -> list[float]:
    """What it takes for the present, in seconds, asked in each way there is."""
    return [milliseconds / 1000 for milliseconds in page.evaluate(NOW_IN_ALL_WAYS)]


def test_it_is_the_clock_of_this_process(page: Page) -> None:
    before = datetime.now(UTC).timestamp()
    page.goto("/sign-in/")
    assert now_of(page) == [pytest.approx(before, abs=60)] * 3


def test_a_moved_clock_is_a_clock_like_any_other(context: BrowserContext, page: Page) -> None:
    before = datetime.now(UTC).timestamp()
    move_clock(context, -86_400.5)
    page.goto("/sign-in/")
    assert now_of(page) == [pytest.approx(before - 86_400.5, abs=60)] * 3
    assert page.evaluate("new Date(2028, 1, 29, 12).getDate()") == 29
    assert page.evaluate("new Date() instanceof Date && Date.UTC(1970, 0, 2)") == 86_400_000
    assert page.evaluate("new Promise(after => setTimeout(() => after('now'), 10))") == "now"
