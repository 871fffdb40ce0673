"""The indexes of the search on PostgreSQL, and what becomes of it without the extension pg_trgm (REP-6)."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.db import connection

from concentrators.filters import PlaceFilter
from concentrators.finding import matching
from concentrators.models import Concentrator
from tests.factories import ConcentratorFactory

migration = import_module("concentrators.migrations.0021_search")
pytestmark = pytest.mark.django_db
__test__ = connection.vendor == "postgresql"  # elsewhere there is no such index


def names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'concentrators_concentrator'")
        return {name for (name,) in cursor.fetchall()}


def test_a_refusal_is_told_and_nothing_else_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(migration, "CREATE", ("CREATE EXTENSION smmeplus_has_none_such", *migration.CREATE[1:]))
    with connection.schema_editor() as editor:
        migration.drop(None, editor)
        migration.create(None, editor)
    assert "Searching stays slow, see docs/operation.md: " in capsys.readouterr().out
    assert "concentrator_by_text" not in names()
    one = ConcentratorFactory.create(feeder="Maipú")
    assert list(matching(Concentrator.objects.all(), "aip")) == [one]


def test_it_may_be_made_later_and_twice() -> None:
    with connection.schema_editor() as editor:
        migration.drop(None, editor)
        migration.create(None, editor)
        migration.create(None, editor)
    assert "concentrator_by_text" in names()


def test_the_index_is_that_of_the_search() -> None:
    """Or it would be there for nothing: with no other way left, the plan uses it, and that of addresses."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    of_place = PlaceFilter("Feeder")
    of_place.field_name = "feeder"
    assert "concentrator_by_text" in of_place.filter(Concentrator.objects.order_by(), "mn_1").explain()
    plan = matching(Concentrator.objects.order_by(), "10.6").explain()
    assert re.search(r"Bitmap Index Scan on concentrator_by_text", plan), plan
    assert re.search(r"Bitmap Index Scan on concentrator_by_address", plan), plan
