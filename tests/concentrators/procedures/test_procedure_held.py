"""A procedure profile stays as it is while a change is carried out by it, and others may use it meanwhile (PRC-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from concentrators.procedures.held import hold_procedure
from profiles.changing import delete_profile
from tests.concentrators.procedures.test_installation_races import at_once
from tests.factories import ProcedureProfileFactory

__test__ = connection.vendor == "postgresql"  # elsewhere one at a time writes
pytestmark = pytest.mark.django_db(transaction=True)


def test_one_that_is_held_cannot_be_deleted_but_can_be_held_by_others() -> None:
    procedure = ProcedureProfileFactory.create()

    def without_waiting(act: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 1")
                return act()

        return run

    install_others = without_waiting(lambda: hold_procedure(procedure).pk)
    delete = without_waiting(lambda: delete_profile(procedure))
    with transaction.atomic():
        hold_procedure(procedure)
        assert at_once(install_others) == [procedure.pk]
        assert at_once(delete) == [OperationalError]
    assert at_once(delete) == [None]
