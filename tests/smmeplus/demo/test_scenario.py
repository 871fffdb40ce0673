"""What the living fleet is told of the demo's past (SIM-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from concentrators.models import Assignment
from concentrators.simulator.faults import Faults, Rule, faults_of, read_faults
from smmeplus.demo.scenario import FOR_GOOD_S, scenario, serials
from smmeplus.demo.story import DAYS, REMOVED_SERIAL, Story
from tests.factories import ConcentratorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TOLD = datetime(2026, 9, 20, 2, 30, tzinfo=UTC)
STORY = Story()
FOR_GOOD = Faults(away=((0.0, FOR_GOOD_S),))


@pytest.fixture
def told() -> None:
    one = ConcentratorFactory.create(serial_number=REMOVED_SERIAL)
    Assignment.objects.create(concentrator=one, begin=TOLD - timedelta(days=DAYS), end=TOLD, period_min=10)
    Assignment.objects.create(concentrator=one, begin=TOLD, period_min=10)


def rules_at(now: datetime) -> list[Rule]:
    return read_faults(scenario(now))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=400)])
def test_the_silent_ones_stay_silent_and_devices_keep_their_faults(later: timedelta) -> None:
    rules = rules_at(TOLD + later)
    for index, _at in STORY.silent:
        assert faults_of(serials()[index], "", rules) == FOR_GOOD
    assert faults_of(serials()[STORY.refuses], "", rules) == Faults(refuses=True)
    assert faults_of(serials()[STORY.newcomer], "", rules) == Faults(poses=serials()[STORY.newcomer_is])
    assert faults_of(serials()[0], "SC1-F1", rules) == Faults()


@pytest.mark.usefixtures("told")
def test_what_ends_lasts_as_long_as_is_left() -> None:
    def off(now: datetime) -> tuple[tuple[float, float], ...]:
        return faults_of("X", "N4-F1", rules_at(now)).off

    def away(now: datetime) -> tuple[tuple[float, float], ...]:
        return faults_of(serials()[STORY.out_of_service], "", rules_at(now)).away

    assert off(TOLD) == ((0.0, 70 * 60.0),)
    assert off(TOLD + timedelta(minutes=69)) == ((0.0, 60.0),)
    assert off(TOLD + timedelta(minutes=70)) == ()
    assert away(TOLD + timedelta(days=2)) == ((0.0, 86_400.0),)
    assert away(TOLD + timedelta(days=3)) == ()


def test_a_demo_without_a_past_has_no_scenario() -> None:
    assert scenario(TOLD) == ""
