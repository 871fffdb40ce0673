"""Days from before they knew their first wake-up: filled by the upgrade, put right by a rebuild (REP-5, REP-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.counts.rebuild import rebuild
from wakeup.models import DailyCount, Format
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = "0004_messages_by_time"
START = datetime(2020, 9, 6, 1, tzinfo=UTC)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("wakeup", name)])


@pytest.fixture
def upgraded(in_field: Concentrator) -> list[dict[str, object]]:
    """Days that went through the upgrade, as they were before it; a rebuild would count them so."""
    moments = [START + timedelta(hours=5 * n) for n in range(12)]
    record(
        [Arrival(in_field.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in reversed(moments)]
    )
    try:
        right = days()
        migrate(BEFORE)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("wakeup"))  # all of them, for the tests that follow
    return right


def days() -> list[dict[str, object]]:
    return [dict(day) for day in DailyCount.objects.order_by("day").values()]


def test_the_upgrade_takes_the_last_for_the_first_until_a_rebuild(
    upgraded: list[dict[str, object]], in_field: Concentrator
) -> None:
    assert days() == [day | {"first_wakeup_at": day["last_wakeup_at"]} for day in upgraded]
    (found,) = rebuild([in_field.company])
    assert (found.wrong_totals, found.wrong_days, found.days) == (0, 3, 4), "one day has a single wake-up"
    assert days() == upgraded
