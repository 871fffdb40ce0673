"""A pytest plugin: which tests run on which database, and which only under ``CI=true``.

======================  ==============  ==============  ==========================================================
A test that …           on SQLite       on PostgreSQL   because
======================  ==============  ==============  ==========================================================
needs no database       yes             with --split    bytes and clocks are the same on both
drives a browser        yes             no              on SQLite the writers of a page are more in each other's way
is ``one_database``     not with        yes             it is of pages, forms, roles: Django's part, not the database's
                        --split
is any other            yes             yes             its SQL, locks or transactions may differ
======================  ==============  ==============  ==========================================================

``--split`` says that the suite on the other database runs, too, as in ``make test``: so nothing of the table runs
twice without a reason. Under ``CI=true`` tests that are ``one_database`` run on both all the same, and so do those
that are ``ci_only``: what takes so long that at a developer's desk others stand for it.
"""

from __future__ import annotations

import pytest
from django.db import connection

from tests.support.effort import IN_CI

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--split", action="store_true", help="leave to the suite on the other database what one can do")


def pytest_configure(config: pytest.Config) -> None:
    for marker in ("one_database: no matter which; see tests/support/placing.py", "ci_only: runs under CI=true"):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    is_postgres, is_split = connection.vendor == "postgresql", config.getoption("split")
    place = _on_postgres if is_postgres else _on_sqlite
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        is_here = place(item, is_split) and (IN_CI or not item.get_closest_marker("ci_only"))
        (kept if is_here else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def _on_sqlite(item: pytest.Item, is_split: bool) -> bool:
    if _is_in_browser(item) or not is_split:
        return True
    return _uses_database(item) and (IN_CI or not item.get_closest_marker("one_database"))


def _on_postgres(item: pytest.Item, is_split: bool) -> bool:
    return not _is_in_browser(item) and (is_split or _uses_database(item))


def _is_in_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)
