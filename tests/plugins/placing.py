"""A pytest plugin: which tests run on which database, and which only under ``CI=true``.

=====================  ==================  ===================  ===========================================
A test …               on SQLite           on PostgreSQL        because
=====================  ==================  ===================  ===========================================
needs no database      unless ``--split``  with ``--split``     bytes and clocks are the same on both
drives a browser       unless ``--split``  no                   SQLite lets fewer requests write at once
is ``one_database``    yes                 unless ``--split``   pages, forms, roles are the same on both
is any other           yes                 yes                  its SQL, locks or transactions may differ
=====================  ==================  ===================  ===========================================

``--split`` says that the suites on the other database and in the browser run beside this one, as in ``make test``.
``one_database("postgresql")`` chooses the other one: where wrong values meet a database that is strict about types.

CI runs ``one_database`` on both all the same, but for what says ``in_ci=True``: that lasts, too. And it runs what is
``ci_only``: so slow that at the desk others stand for it. A soak runs all on both.
Then the suite on PostgreSQL is the longer one: of what needs no database it keeps only what starts processes. With
``--brief`` CI does as at the desk: for runs that repeat others on another day.
"""

from __future__ import annotations

import pytest
from django.db import connection

from tests.plugins.effort import IN_CI, SOAKS

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--split", action="store_true", help="leave to the suites beside this one what they can do")
    parser.addoption("--brief", action="store_true", help="run as few tests as at the desk, under CI=true, too")


def pytest_configure(config: pytest.Config) -> None:
    for marker in ("one_database: no matter which; see tests/plugins/placing.py", "ci_only: runs under CI=true"):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    runs_all = IN_CI and not config.getoption("brief")
    for item in items:
        is_here = _belongs_here(item, config.getoption("split"), runs_all)
        (kept if is_here and (runs_all or not item.get_closest_marker("ci_only")) else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def _belongs_here(item: pytest.Item, is_split: bool, runs_all: bool) -> bool:
    is_sqlite = connection.vendor == "sqlite"
    if _is_in_browser(item):
        return is_sqlite and not is_split
    if not _uses_database(item):
        leaves_it = is_split and (not runs_all or item.get_closest_marker("process") is not None)
        return is_sqlite != leaves_it
    is_free = _is_on_both_in_ci(item) if runs_all else not is_split
    return is_free or _chosen(item) in ("", connection.vendor)


def _is_in_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def _is_on_both_in_ci(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("one_database")
    return SOAKS or not marker or not marker.kwargs.get("in_ci")


def _chosen(item: pytest.Item) -> str:
    """The vendor of the one database that ``item`` runs on, empty for both."""
    marker = item.get_closest_marker("one_database")
    return (marker.args or ("sqlite",))[0] if marker else ""
