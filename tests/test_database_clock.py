"""The product asks its own clock, never the database's: the two may differ, and tests can only move its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests import ROOT

#: For listeners of the version before, which know no such column: ``tests/wakeup/models/test_rolling_upgrade.py``.
DEFAULT_FOR_OLD_LISTENERS = ("wakeup_dailycount", "first_wakeup_at")
ALLOWED = {
    "smmeplus/doctor/database.py",  # which compares the two
    "wakeup/migrations/0005_first_wakeup_of_day.py",
    "wakeup/listener/vitals/stalls.py",  # how long its own sessions have been at work, by its own clock
}

#: The clocks of PostgreSQL and of SQLite, in any SQL.
CLOCK_IN_SQL = re.compile(
    r"\b(now|(clock|statement|transaction)_timestamp|timeofday)\s*\("
    r"|\b(current_(timestamp|date|time)|localtime|localtimestamp)\b"
    r"|'(now|today|tomorrow|yesterday)'",
    re.IGNORECASE,
)
#: The same in Django's words.
CLOCK_IN_ORM = {"Now", "TransactionNow"}

DEFAULTS_ON_POSTGRES = """
    SELECT table_name, column_name, column_default FROM information_schema.columns WHERE table_schema = 'public'
"""
DEFAULTS_ON_SQLITE = """
    SELECT tables.name, columns.name, dflt_value
    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
"""


def product_files() -> Iterator[Path]:
    for package in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        if package.name != "tests":
            yield from package.rglob("*.py")


def asks_database(source: str) -> list[str]:
    """Where Python code asks the database's clock: the strings, without docstrings, and the names."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            found += [match[0] for match in CLOCK_IN_SQL.finditer(node.value)]
        elif isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names if alias.name in CLOCK_IN_ORM]
        elif isinstance(node, ast.Attribute) and node.attr in CLOCK_IN_ORM:
            found.append(node.attr)
    return found


@pytest.mark.parametrize(
    "source",
    [
        'cursor.execute("SELECT now()")',
        'SQL = f"UPDATE {table} SET at = CURRENT_TIMESTAMP WHERE id = 1"',
        "SQL = \"DELETE FROM a WHERE at < date('now')\"",
        "SQL = \"SELECT TIMESTAMP 'today'\"",
        'SQL = """SELECT a -- with a comment\n  , clock_timestamp ( )"""',
        'SQL = "a" "b" if old else "SELECT statement_timestamp()"',
        "from django.db.models.functions import Lower, Now as At",
        "query.filter(at__lt=functions.Now())",
    ],
)
def test_each_way_to_ask_it_is_found(source: str) -> None:
    assert len(asks_database(source)) == 1


@pytest.mark.parametrize(
    "source", ['"""What now() is in PostgreSQL."""', "now = timezone.now()", 'x = "known (or not)"', "# now()"]
)
def test_what_does_not_ask_it_is_not_found(source: str) -> None:
    assert not asks_database(source)


def test_no_product_code_asks_it() -> None:
    asking = {
        str(path.relative_to(ROOT)): found for path in product_files() if (found := asks_database(path.read_text()))
    }
    assert asking.keys() == ALLOWED, asking


@pytest.mark.django_db
def test_no_column_is_filled_by_it() -> None:
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(DEFAULTS_ON_POSTGRES if is_postgres else DEFAULTS_ON_SQLITE)
        columns = cursor.fetchall()
    assert len(columns) > 100
    by_clock = {(table, column) for table, column, default in columns if CLOCK_IN_SQL.search(default or "")}
    assert by_clock == ({DEFAULT_FOR_OLD_LISTENERS} if is_postgres else set())
