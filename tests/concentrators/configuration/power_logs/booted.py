"""Concentrators whose log is due, and devices whose supply has failed (STA-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from concentrators.models import (
    Concentrator,
    Configuration,
    ConfigurationState,
    PowerLog,
)
from concentrators.simulator.devices import NO_FAULTS, Device
from concentrators.simulator.faults import Faults
from tests.concentrators.configuration.devices import (
    installed,
)


def written(number: int = 1) -> list[Concentrator]:
    """So many concentrators in field that hold their configuration."""
    ones = installed(number)
    Configuration.objects.update(state=ConfigurationState.CONFIRMED, next_try_at=None)
    return ones


def booted(one: Concentrator, at: datetime | None = None, **values: Any) -> PowerLog:
    at = at or timezone.now()
    return PowerLog.objects.update_or_create(
        concentrator=one, defaults={"due_at": at, "booted_at": at, "tries": 0, **values}
    )[0]


def log_of(one: Concentrator) -> PowerLog:
    return PowerLog.objects.get(concentrator=one)


def standing_at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def device_of(one: Concentrator, faults: Faults = NO_FAULTS, failures: int = 1) -> Device:
    """A device whose supply has just failed so many times for 10 minutes."""
    device = Device(one.serial_number, one.type, {}, None, faults)
    assert device.log
    real = device.log._now
    for number in range(failures):
        begin = real() - timedelta(hours=number + 1)
        device.log._now = standing_at(begin)
        device.log.lose_supply()
        device.log._now = standing_at(begin + timedelta(minutes=10))
        device.log.restore_supply()
    device.log._now = real
    return device
