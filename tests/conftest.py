"""What every test may use, and what makes the suite fast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.translation import override
from pytest_django.plugin import DjangoDbBlocker

from concentrators.models import Company
from smmeplus import navigation
from tests.factories import CompanyFactory
from tests.smmeplus.users import client_of, make_operator
from wakeup.monitoring.status import rules

# Playwright keeps an event loop in the main thread, where Django would then refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# They need what `make clients` installs, which says where that is.
collect_ignore = [] if "CLIENTS" in os.environ else ["clients"]

pytest_plugins = [
    "tests.plugins.effort",
    "tests.plugins.emptying",
    "tests.plugins.every_test_runs",
    "tests.plugins.exports",
    "tests.plugins.garbage",
    "tests.plugins.placing",
    "tests.plugins.shuffled",
    "tests.plugins.time_marker",
    "tests.plugins.today",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep an SQLite database of tests in a file, with the settings of the product, not in the memory of one process.

    So each thread of the live server and each started process has a connection and transactions of its own. The file
    is in a folder that others may name in the environment, who run tests again with ``--reuse-db``.
    """
    if connection.vendor == "sqlite":
        folder = os.environ.get("TESTS_DATABASE_FOLDER") or tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Ask SQLite here whether it knows JSON, which takes three queries that a test would count as its own."""
    with django_db_blocker.unblock():
        assert connection.features.supports_json_field


@pytest.fixture(autouse=True)
def english_at_first() -> Iterator[None]:
    """Takes back what requests leave behind in their thread: here all share one, and the next test means English."""
    with override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def no_banner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In tests nobody watches, which every page would say; but for those that are about that.

    Pages ask for it once in some seconds, so that it is no part of what each of them costs.
    """
    cache.clear()
    if not request.node.get_closest_marker("banner"):
        monkeypatch.setattr(navigation, "banner_for", lambda *_: None)
        monkeypatch.setattr(rules, "blind_times_kept", lambda _tail: ())


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
