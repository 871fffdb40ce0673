"""Two administrators who enter the same rule at once (WIR-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind
from tests.concentrators.rules import errors, rules_of, save
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.users import client_of

__test__ = connection.vendor == "postgresql"  # elsewhere a writer waits before it reads
pytestmark = pytest.mark.django_db(transaction=True)

CODE_12 = {"where": "no push", "what": "code", "code": "12", "kind": "3"}


def test_of_two_administrators_at_once_the_second_is_told_of_the_rule_of_the_first(
    administrator: User,
) -> None:
    client, smr = client_of(administrator), ConcentratorTypeFactory.create(name="SMR")

    def enter_it() -> dict[str, list[str]]:
        try:
            return errors(save(client, smr, CODE_12))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(ConcentratorType.objects.select_for_update(no_key=True))  # as the first one does, who is about to save
            KindRule.objects.create(type=smr, sign="code 12", kind=Kind.BOOT)
            second = pool.submit(enter_it)
            wait_for_a_lock()
        assert list(second.result(30)) == ["row"]
    assert rules_of(smr) == {"code 12": Kind.BOOT}


def wait_for_a_lock() -> None:
    """Until somebody waits for a row of ours."""
    deadline = monotonic() + 30
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone() == (True,):
                return
    pytest.fail("nobody waits")
