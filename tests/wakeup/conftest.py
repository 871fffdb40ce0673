"""Concentrators in the states that matter to a listener."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from concentrators.models import Assignment, Company, Concentrator, State
from profiles.models import SystemSettings
from tests.factories import ConcentratorFactory
from tests.wakeup.at_noon import HOUR, NOW, SERIAL
from tests.wakeup.recording.fast_paths import NOON, arrival
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record


@pytest.fixture
def in_field(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="16CEC50610036665", in_field=True)


@pytest.fixture
def removed(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="REMOVED1", state=State.REMOVED)


@pytest.fixture
def known() -> Concentrator:
    """A concentrator whose company has had its first message: from then on the fast path is open."""
    known: Concentrator = ConcentratorFactory.create()
    record([arrival(known.serial_number)])
    return known


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def one(noon: Any, chile: Company) -> Concentrator:
    """In field for two hours with a period of 10 minutes."""
    SystemSettings.objects.create(wakeup_ip="10.132.20.228")
    one = ConcentratorFactory.create(
        serial_number=SERIAL, company=chile, in_field=True, installed_at=NOW - 2 * HOUR, substation="Six"
    )
    Assignment.objects.create(concentrator=one, begin=NOW - 2 * HOUR, period_min=10)
    return one


@pytest.fixture
def batch() -> list[Arrival]:
    """Two messages of a concentrator, as they come in together."""
    concentrator: Concentrator = ConcentratorFactory.create()
    first = arrival(concentrator.serial_number)
    return [first, replace(first, received_at=NOON + timedelta(microseconds=1))]
