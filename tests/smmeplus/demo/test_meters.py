"""The meters of the demo: all reports on them have something to show, and a start anew adds nothing (MET-1, MET-4)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from django.db.models import F, Sum

from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorMeters,
    ConflictKind,
    Decision,
    Meter,
    MeterConflict,
    MeterList,
    MeterTally,
    Repeater,
    Sighting,
    State,
)
from smmeplus.demo.meters import MASTER, MeterPast
from smmeplus.demo.scenario import serials
from smmeplus.demo.story import Story

pytestmark = [pytest.mark.django_db, pytest.mark.one_database(in_ci=True), pytest.mark.usefixtures("past")]
STORY = Story()


def test_most_in_field_have_lists_and_some_have_none_yet() -> None:
    in_field = Concentrator.objects.of_the_field().filter(state=State.IN_FIELD)
    without = set(in_field.filter(meter_counts__isnull=True).values_list("serial_number", flat=True))
    assert serials()[STORY.newcomer] in without
    assert 2 <= len(without) <= 6
    assert not MeterList.objects.exclude(bad_rows=[]).exists()


def test_there_are_about_as_many_meters_as_customers() -> None:
    counted = ConcentratorMeters.objects.aggregate(
        meters=Sum("meters"), customers=Sum("concentrator__customers"), supervisors=Sum("supervisors")
    )
    assert abs(counted["meters"] - counted["customers"]) < 0.1 * counted["customers"]
    assert counted["supervisors"] == ConcentratorMeters.objects.count()


def test_conflicts_are_of_all_kinds_and_three_are_decided() -> None:
    found = MeterConflict.objects.open()
    assert set(found.values_list("kind", flat=True)) == set(ConflictKind.values)
    decided = found.exclude(decision="")
    assert Counter(decided.values_list("decision", flat=True)) == dict.fromkeys(Decision.values, 1)
    assert decided.filter(decision=Decision.KEEP, keep_at=F("preferred")).exists()
    by = decided.get(decision=Decision.NONE).decided_by
    assert by is not None
    assert not by.has_usable_password()


def test_a_silent_one_has_a_list_that_is_old() -> None:
    silent = {serials()[index] for index, hours in STORY.silent if hours > 7 * 24}
    rows = ConcentratorMeters.objects.filter(concentrator__serial_number__in=silent)
    assert {row.listed_at.date() for row in rows}
    assert MeterConflict.objects.open().filter(
        kind=ConflictKind.STALE, meter__sightings__concentrator__serial_number__in=silent
    )


def test_there_are_trees_with_long_paths_and_with_meters_whose_parent_is_unknown() -> None:
    assert Repeater.objects.filter(sighting__isnull=False).count() > 100
    assert Repeater.objects.filter(sighting__isnull=True, behind__gt=0).exists()
    deepest = ConcentratorMeters.objects.exclude(deepest=None).order_by("-deepest").first()
    assert deepest is not None
    assert deepest.deepest is not None
    assert deepest.deepest >= 4
    assert not ConcentratorMeters.objects.filter(looped__gt=0).exists()
    assert Sighting.objects.filter(availability__lt=95).exists()


def test_the_counts_agree_with_each_other() -> None:
    in_lists = Sighting.objects.filter(in_list=True)
    rows = ConcentratorMeters.objects.aggregate(meters=Sum("meters"), supervisors=Sum("supervisors"))
    assert rows["meters"] + rows["supervisors"] == in_lists.count()
    distinct = Meter.objects.filter(sightings__in_list=True).distinct().count()
    assert MeterTally.objects.aggregate(meters=Sum("meters"))["meters"] >= distinct


def test_the_rest_is_left_for_the_watched_folder(past: datetime, tmp_path: Path) -> None:
    MeterPast(Company.objects.get(), STORY, past).leave(tmp_path / "meters")
    names = sorted(path.name for path in (tmp_path / "meters").iterdir())
    assert names.pop() == MASTER
    kinds = Counter(name.split("_")[2] for name in names)
    assert set(kinds) == {"S06", "S11", "G02"}
    imported = {
        (one.concentrator.serial_number, one.source) for one in MeterList.objects.select_related("concentrator")
    }
    assert not {(name.split("_")[0], name.split("_")[2]) for name in names} & imported
    assert len({name.split("_")[0] for name in names}) > 30
