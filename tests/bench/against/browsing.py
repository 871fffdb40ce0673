"""The web processes of both commits: pages, export, searches and upload of PER-4, as a browser asks for them.

Measured from the request to the last byte of the answer, so with the little that the web server and the way take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.bench.against.rounds import Figure, Values
from tests.bench.against.sides import Fleet, Side, query
from tests.bench.per4 import DAYS, MS, PAGES, seconds, usual_seconds
from tests.bench.upload import (
    PASSWORD,
    UPLOAD,
    USER,
    Browser,
    Server,
    installation_file,
    served,
    sign_in,
    uploaded,
)

INVENTORY = "/concentrators/"
EXPORT = "/reports/wakeup/?export=csv"
#: What is typed into the search of the inventory, by what it is.
SEARCHES = {
    "whole serial number": "FLEET000123456",
    "end of a serial number": "0123456",
    "beginning of a hundred": "FLEET0001234",
    "substation": "substation 1234",
    "feeder": "S1234-F5",
    "what is not there": "NOWHERE",
}
#: What the inventory is filtered or sorted by.
STATUSES = (
    *("status=reachable", "status=late", "status=unreachable", "status=never+called", "reason=silence"),
    *("sort=status", "sort=-status", "status=unreachable&sort=-status_since"),
)
#: A fleet as on a quiet day: all were heard within the shortest period, but one in 200, silent since yesterday.
_QUIET_DAY = """
    UPDATE wakeup_wakeuptotal SET last_wakeup_at = now()
    - CASE WHEN concentrator_id % 200 = 0 THEN interval '1 day' ELSE concentrator_id % 60 * interval '1 second' END
"""
_RECORD_CHANGES = "wakeup/management/commands/watchstatus.py"


@dataclass(eq=False)
class Site:
    """A web process of one side, with a browser that is signed in; ``url`` is that of its database."""

    side: Side
    url: str
    server: Server
    browser: Browser
    concentrators: int


class Sites:
    """Opens the two sides' web processes, on a fleet of so many concentrators, which the uploaded file has too."""

    def __init__(self, concentrators: int) -> None:
        self._concentrators = concentrators
        self.steps: Mapping[str, Callable[[Site], Values]] = {
            "per4": _per4,
            "search": _search,
            "status": _status,
            "upload": _upload,  # last, for it doubles the fleet
        }

    @contextmanager
    def opened(self, side: Side) -> Iterator[Site]:
        """A web process of ``side`` on a new database."""
        with side.database(Fleet(self._concentrators, DAYS)) as url:
            who = ("--username", USER, "--email", "bench@example.org")
            side.run(url, "manage.py", "createsuperuser", "--noinput", *who, "-v0", DJANGO_SUPERUSER_PASSWORD=PASSWORD)
            python, directory, _name = side.checkout.python, side.checkout.directory, side.checkout.name
            environment = side.environment(url)
            with served(side.place.server, python=python, directory=directory, environment=environment) as server:
                browser = Browser(server.url)
                sign_in(browser)
                yield Site(side, url, server, browser, self._concentrators)


def _per4(at: Site) -> Values:
    pages = {
        Figure("PER-4", f"time of {page}", "ms", is_less_better=True): MS
        * usual_seconds(lambda page=page: at.browser.get(page))  # type: ignore[misc]
        for page in PAGES
    }
    export = Figure("PER-4", f"CSV export from {at.concentrators:,} concentrators", "s", is_less_better=True)
    return pages | {export: seconds(lambda: at.browser.get(EXPORT))}


def _search(at: Site) -> Values:
    return {
        Figure("PER-4", f"search: {what}", "ms", is_less_better=True): MS
        * usual_seconds(lambda query=query: at.browser.get(f"{INVENTORY}?{query}"))  # type: ignore[misc]
        for what, query in ((what, urlencode({"q": text})) for what, text in SEARCHES.items())
    }


def _status(at: Site) -> Values:
    """What has changed is recorded before, by a side that records it."""
    query(at.url, _QUIET_DAY)
    query(at.url, "VACUUM ANALYZE wakeup_wakeuptotal")
    if (at.side.checkout.directory / _RECORD_CHANGES).exists():
        at.side.run(at.url, "manage.py", "watchstatus", "--once")
    return {
        Figure("PER-4", f"inventory by {what}", "ms", is_less_better=True): MS
        * usual_seconds(lambda what=what: at.browser.get(f"{INVENTORY}?{what}"))  # type: ignore[misc]
        for what in STATUSES
    }


def _upload(at: Site) -> Values:
    rows = at.concentrators
    company = re.findall(r'<option value="(\d+)"', at.browser.get(UPLOAD))[-1]
    checked, written = uploaded(at.server, at.browser, int(company), installation_file("NEW", rows))
    spent = checked + written
    what = f"upload of {rows:,} new concentrators"
    return {
        Figure("PER-4", what, "s", is_less_better=True): spent.wall,
        Figure("PER-4", "  its processor time of the web process", "s", True, False): spent.web,
        Figure("PER-4", "  its processor time of the database", "s", True, False): spent.database,
        Figure("PER-4", "  the web process's most memory", "MiB", True, False): at.server.peak_mib(),
    }
