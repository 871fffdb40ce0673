"""What a list would change, before somebody confirms it (MET-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.meters.lists import ListedMeter
from concentrators.meters.storing import PreviewedRow, preview_list, store_list
from concentrators.models import Concentrator
from concentrators.models.meters import Meter, MeterList, MeterSource
from tests.concentrators.meters.storing.lists import ACTIVE, FAILED, HOUR, NOON, a_list, csv, s24
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=1)
MAC = "40402200A1B2"


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create(in_field=True)


def test_each_meter_that_would_change_is_a_row(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2", "CIR3", "CIR4"), NOW)
    store_list(s24(one, "CIR1", "CIR2", "CIR3", at=NOON + HOUR), NOW)
    received = s24(one, "CIR2", "CIR4", "CIR5", CIR1=FAILED, at=NOON + 2 * HOUR)
    previewed = preview_list(received, NOW)
    new = (("state", None, ACTIVE), ("manufacturer", None, "CIR"), ("kind", None, "customer"))
    assert previewed.rows == (
        PreviewedRow("CIR1", "changed", (("state", ACTIVE, FAILED),)),
        PreviewedRow("CIR3", "gone"),
        PreviewedRow("CIR4", "back"),
        PreviewedRow("CIR5", "new", new),
    )
    assert (previewed.outcome, previewed.unchanged, previewed.listed_at) == ("taken", 1, received.listed_at)
    stored = store_list(received, NOW)
    assert (stored.new, stored.changed, stored.unchanged, stored.gone, stored.back) == (
        *(previewed.count("new"), previewed.count("changed"), previewed.unchanged),
        *(previewed.count("gone"), previewed.count("back")),
    )


def test_nothing_is_written(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    lists = [
        s24(one, "CIR2", at=NOON + HOUR),
        csv(one, ListedMeter("CIR1", availability=5.0, mac=MAC)),
        a_list(one, ListedMeter("CIR1", availability=5.0), source=MeterSource.G02),
        a_list(one, ListedMeter("CIR1", mac=MAC), source=MeterSource.S06),
        a_list(one, ListedMeter("", mac=MAC, level=1), source=MeterSource.S11),
    ]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for received in lists:
            assert preview_list(received, NOW).outcome == "taken"
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert (Meter.objects.count(), MeterList.objects.count()) == (1, 1)


def test_what_belongs_to_no_sighting_would_wait(one: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", mac=MAC)), NOW)
    rows = [ListedMeter("", mac=MAC, level=1), ListedMeter("", mac="40402200A1B3", level=1)]
    previewed = preview_list(a_list(one, *rows, source=MeterSource.S11), NOW)
    assert previewed.rows == (PreviewedRow("CIR1", "changed", (("level", None, 1),)),)
    assert previewed.waiting == 1


def test_a_list_that_would_change_nothing_says_why(one: Concentrator) -> None:
    received = s24(one, "CIR1")
    store_list(received, NOW)
    assert preview_list(received, NOW).outcome == "same"
    assert preview_list(s24(one, "CIR2", at=NOON - HOUR), NOW).outcome == "older"
    assert preview_list(s24(one, "CIR2", at=NOON - HOUR), NOW).rows == ()
