from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from tests.world.country.blackout import (
    BEGIN,
    BLACKOUT,
    CARRIERS,
    DARK,
    EACH,
    HEARD_AGAIN,
    LIT,
    VERDICTS,
    group,
    is_silent,
)
from tests.world.told import expected, incidents_told, recorded
from tests.world.trace import hms, seconds
from tests.world.world import Outcome, play
from wakeup.models import Alarm, Incident, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.known import KnownVerdicts

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.ci_only,
    pytest.mark.one_database("postgresql", in_ci=True),
]

#: The first verdict is found after one minute.
MINUTES = range(1, int(seconds(BLACKOUT.lasts)) // 60)
#: What accuses neither us nor a carrier, of those who are heard all the time.
FAIR = {Cause.OK, Cause.FIELD}


def test_fourteen_regions_go_dark_and_it_is_the_field_for_99_of_100_concentrator_minutes() -> None:
    outcome = play(BLACKOUT, watchers=1)
    assert {scope: verdicts_on(scope) for scope in ("", *CARRIERS)} == dict.fromkeys(("", *CARRIERS), VERDICTS)
    right = shares_that_are_right()
    print("share of concentrator-minutes with the right cause:", right)  # noqa: T201 - a figure to read
    assert min(right.values()) >= 0.99
    assert {name: heard_again(outcome, name) for name in HEARD_AGAIN} == HEARD_AGAIN
    assert tuple(incidents_told(BLACKOUT)) == BLACKOUT.incidents
    assert_nobody_is_flooded()
    for region, carrier in product((*DARK, *LIT), CARRIERS):
        for serial in outcome.groups[group(region, carrier)]:
            changes = recorded(outcome, serial)
            assert changes == expected(outcome, serial, BLACKOUT)
            assert ("unreachable" in " ".join(changes)) == (region in DARK)


def assert_nobody_is_flooded() -> None:
    """STA-9: ten alarms in ten minutes at most."""
    begin = BLACKOUT.start + timedelta(seconds=seconds(BEGIN))
    assert Incident.objects.get(merged_into=None).alarms.exists()
    assert Alarm.objects.filter(raised_at__lt=begin + timedelta(minutes=10)).count() <= 10
    assert not Alarm.objects.open().exists()


def verdicts_on(scope: str) -> tuple[str, ...]:
    """Those on a carrier, or on all: when each began, and its cause."""
    spans = VerdictSpan.objects.filter(carrier=scope).order_by("began_at")
    return tuple(f"{hms((span.began_at - BLACKOUT.start).total_seconds())} {span.cause}" for span in spans)


def shares_that_are_right() -> dict[str, float]:
    """Of the minutes of those who could not be heard, and of all."""
    known, counts = KnownVerdicts.between(BLACKOUT.start, BLACKOUT.start + timedelta(days=1)), Counter[str]()
    for region, carrier, minute in product((*DARK, *LIT), CARRIERS, MINUTES):
        cause = known.at(carrier, BLACKOUT.start + timedelta(minutes=minute))
        silent = is_silent(region, carrier, 60.0 * minute)
        right = cause == Cause.FIELD if silent else cause in FAIR
        counts.update({"all": EACH, "all right": EACH * right})
        counts.update({"silent": EACH * silent, "silent right": EACH * (silent and right)})
    return {name: round(counts[f"{name} right"] / counts[name], 5) for name in ("all", "silent")}


def heard_again(outcome: Outcome, name: str) -> str:
    """When the last change of a concentrator to reachable was."""
    serial = outcome.serial_of(name)
    return max(hms(one.at) for one in outcome.changes if one.serial == serial and one.to_status == "reachable")
