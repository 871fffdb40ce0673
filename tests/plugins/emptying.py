"""A pytest plugin: after a test with transactions of its own (``transaction=True``) all rows are deleted.

Django truncates all tables instead, which PostgreSQL does file by file, and then makes content types, permissions and
roles anew: three times as long as most of these tests take. Here they stay: no test of this kind changes them. What
migrations put into the database is there afterwards, too, so that the next test may be any other.
"""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from concentrators.models import ConcentratorType
from profiles.models import ProcedureProfile

STAY = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


@pytest.fixture(scope="session", autouse=True)
def _emptied_by_deleting() -> None:
    TransactionTestCase._fixture_teardown = delete_all_rows  # type: ignore[attr-defined]


def delete_all_rows(_test_case: TransactionTestCase) -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in set(tables) - STAY:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        ConcentratorType.objects.create(name="CERCO1")  # as migrations do
        ProcedureProfile.objects.create(name="At once", is_default=True)
