"""Listeners of the version before run on until they are restarted, and what they count is counted (LIS-2, OPS-3)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from concentrators.models import Concentrator
from wakeup.models import DailyCount

__test__ = connection.vendor == "postgresql"
pytestmark = [pytest.mark.django_db, pytest.mark.time]

WITHOUT_FIRST = """
    INSERT INTO wakeup_dailycount (concentrator_id, day, wakeup_count, last_wakeup_at, source_ip)
    VALUES (%s, %s, 1, %s, '10.60.0.1')
"""


def test_a_day_that_is_counted_without_its_first_wakeup_begins_when_it_is_stored(in_field: Concentrator) -> None:
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_FIRST, [in_field.pk, date(2020, 10, 1), timezone.now()])
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    assert DailyCount.objects.get().first_wakeup_at == now
