"""A real browser against a running server, strict about what the browser complains of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError
from pytest_django.live_server_helper import LiveServer

from tests.plugins.today import moved_now
from tests.support.chromium import ChromiumError, find_chromium

HERE = Path(__file__).parent
TIMEOUT = 10_000  # milliseconds; everything is on this machine
LAUNCH_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-extensions",
    # No other host has an address, so that a stray request fails at once and sends nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and run it last: afterwards Playwright's event loop is in the way of others."""
    for item in filter(_drives_a_browser, items):
        item.add_marker(pytest.mark.browser)
    items.sort(key=_drives_a_browser)


def _drives_a_browser(item: pytest.Item) -> bool:
    return HERE in item.path.parents


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How Chromium is started; fails each test that needs it, saying what to install, when there is none to be had."""
    try:
        executable = find_chromium()
    except ChromiumError as error:
        reason = str(error)
    else:
        # Chromium refuses to run sandboxed as root.
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        return browser_type_launch_args | {"executable_path": executable, "args": LAUNCH_ARGUMENTS + as_root}
    pytest.fail(reason, pytrace=False)


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Lets tests say ``page.goto("/sign-in/")``."""
    return live_server.url


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """Its pages have the clock of the tests, which ``--today`` may have moved; it goes on by itself, as timers do."""
    if now := moved_now():
        context.clock.install(time=now)
    return context


@pytest.fixture
def problems(context: BrowserContext, base_url: str) -> list[str]:
    """What the browser complained of so far; a test that provokes a complaint checks it and clears the list."""
    found: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def on_error(error: WebError) -> None:
        found.append(f"uncaught error: {error.error}")

    def on_request(request: Request) -> None:
        if _leaves(request.url, base_url):
            found.append(f"request to another host: {request.method} {request.url}")

    context.on("console", on_console)
    context.on("weberror", on_error)
    context.on("request", on_request)
    return found


def _leaves(url: str, base_url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.netloc != urlsplit(base_url).netloc


@pytest.fixture
def page(page: Page, problems: list[str]) -> Iterator[Page]:
    """A page that fails its test on anything the browser complains of and on any request to another host."""
    page.set_default_timeout(TIMEOUT)
    yield page
    if not page.is_closed():
        page.evaluate("0")  # a round trip, behind which no message is still on its way
    if problems:
        pytest.fail("The browser complained:\n" + "\n".join(problems), pytrace=False)


@pytest.fixture
def sign_in(context: BrowserContext, base_url: str) -> Callable[[User], None]:
    """Signs a user in by a session cookie, without the form."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])

    return sign_in


@pytest.fixture
def signed_in_page(request: pytest.FixtureRequest, page: Page, sign_in: Callable[[User], None]) -> Page:
    """The page of a user who is signed in: the ``administrator``, or whom the fixture named by the parameter gives.

    ``@pytest.mark.parametrize("signed_in_page", ["viewer"], indirect=True)``
    """
    sign_in(request.getfixturevalue(getattr(request, "param", "administrator")))
    return page
