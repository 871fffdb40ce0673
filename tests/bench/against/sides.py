"""One of the two commits: its databases, and its processes on them.

Its own commands migrate and fill a database once for each fleet. Every round gets a copy of that, so that no round
finds what an earlier one has left behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg import sql

from tests.bench.against.checkouts import Checkout
from tests.bench.places import Place
from tests.support.listener import Listener, running

SETTINGS = "tests.settings"


class Fleet(NamedTuple):
    """So many concentrators, three quarters of them in field, each with so many days of counts."""

    concentrators: int
    days: int


class Side:
    """``checkout`` on the PostgreSQL of ``place``; ``name`` begins the names of its databases."""

    def __init__(self, name: str, checkout: Checkout, place: Place) -> None:
        self.name = name
        self.checkout = checkout
        self.place = place
        self._made: set[Fleet] = set()

    def environment(self, url: str) -> Mapping[str, str]:
        """What its processes see, on the database at ``url``."""
        return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS}

    def run(self, url: str, *arguments: str, **more: str) -> None:
        """Run its Python with ``arguments`` and ``more`` in the environment; CalledProcessError if that fails."""
        command = [self.checkout.python, *arguments]
        environment = {**self.environment(url), **more}
        subprocess.run(command, cwd=self.checkout.directory, env=environment, stdout=sys.stderr, check=True)

    @contextmanager
    def database(self, fleet: Fleet) -> Iterator[str]:
        """The URL of a new database with this fleet, dropped afterwards."""
        origin, copy = f"{self.name}_{fleet.concentrators}_{fleet.days}", f"{self.name}_round"
        if fleet not in self._made:
            self._make(origin, fleet)
            self._made.add(fleet)
        self._statement("CREATE DATABASE {} TEMPLATE {}", copy, origin)
        self._statement("CHECKPOINT")  # or its writing would go on beside what is measured first
        try:
            yield self._url(copy)
        finally:
            self._statement("DROP DATABASE {} WITH (FORCE)", copy)

    @contextmanager
    def listener(self, url: str) -> Iterator[Listener]:
        """Its listener on the database at ``url``."""
        listener = Listener("--metrics-port", "0", database=url)
        listener.python, listener.directory = self.checkout.python, self.checkout.directory
        with running(listener):
            yield listener

    def _make(self, name: str, fleet: Fleet) -> None:
        self._statement("CREATE DATABASE {}", name)
        url = self._url(name)
        self.run(url, "manage.py", "migrate", "--verbosity", "0")
        count, days = map(str, fleet)
        self.run(url, "-m", "tests.support.fleet", "--count", count, "--days", days)
        query(url, "VACUUM (FREEZE, ANALYZE)")  # or the first round alone would do it

    def _url(self, database: str) -> str:
        return f"{self.place.url.rpartition('/')[0]}/{database}"

    def _statement(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.place.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    """The rows that the database at ``url`` answers with, if any."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
