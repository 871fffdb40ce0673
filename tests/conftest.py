"""What every test may use, and what makes the suite fast."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.users import client_of, make_operator

# Playwright keeps an event loop in the main thread, where Django would then refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

pytest_plugins = ["tests.support.every_test_runs", "tests.support.today"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep an SQLite database of tests in a file, with the settings of the product, not in the memory of one process.

    So each thread of the live server and each started process has a connection and transactions of its own.
    """
    if connections["default"].vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connections["default"].settings_dict["TEST"]["NAME"] = str(file)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pure", choices=("here", "elsewhere"), help="where tests that touch no database run (default: on SQLite)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What touches no database runs in one of the two suites, and the tests in a browser run with SQLite.

    Bytes and clocks are no others on PostgreSQL, and on SQLite the writers of a page are more in each other's way.
    ``make test`` has the former on PostgreSQL, where there is less to do otherwise.
    """
    is_postgres = connections["default"].vendor == "postgresql"
    is_pure_here = (config.getoption("pure") or ("elsewhere" if is_postgres else "here")) == "here"
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        is_here = not is_postgres if _is_in_browser(item) else is_pure_here or _uses_database(item)
        (kept if is_here else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def _is_in_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


@pytest.fixture
def administrator(db: None) -> User:
    """A superuser, named and with the password ``administrator``."""
    return User.objects.create_superuser("administrator", password="administrator")


@pytest.fixture
def chile(db: None) -> Company:
    """A company without anything; its zone is America/Santiago."""
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    """An operator of Chile, who sees no other company."""
    return make_operator(chile)


@pytest.fixture
def client(operator: User) -> Client:
    """That of the operator, signed in."""
    return client_of(operator)
