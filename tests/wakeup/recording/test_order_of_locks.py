"""A writer that waits for a row that another one counts on has stored its messages by then (LIS-1)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from concentrators.models import Concentrator
from tests.factories import ConcentratorFactory
from tests.wakeup.ciphering.devices import Device, arrivals, give_keys
from tests.wakeup.recording.fast_paths import NOON, arrival
from wakeup.models import Message
from wakeup.models.strays import Stray, StrayReason
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

__test__ = connection.vendor == "postgresql"  # elsewhere there is one writer at a time
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ciphering(known: Concentrator, settings: Settings) -> Device:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    give_keys(known)
    return Device(known.serial_number)


@pytest.fixture
def held(known: Concentrator) -> Iterator[None]:
    """Another session counts on the total of ``known``."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT FROM wakeup_wakeuptotal WHERE concentrator_id = %s FOR UPDATE", [known.pk])
        yield


def last_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM wakeup_message_id_seq")
        return int(cursor.fetchone()[0])


def assert_stored_while_it_waits(batch: list[Arrival], strays: list[Stray] | None = None) -> None:
    before, stored = last_id(), Message.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
    with pytest.raises(OperationalError, match="lock timeout"):
        record(batch, strays or [])
    connection.close()
    assert last_id() == before + len(batch)
    assert Message.objects.count() == stored


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("times", [1, 2])
def test_on_the_fast_path(known: Concentrator, times: int) -> None:
    other = ConcentratorFactory.create(company=known.company).serial_number
    assert_stored_while_it_waits([arrival(other), *[arrival(known.serial_number)] * times])


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("times", [1, 2])
def test_with_seals(ciphering: Device, times: int) -> None:
    assert_stored_while_it_waits(arrivals(*(ciphering.push() for _ in range(times))))


@pytest.mark.usefixtures("held")
def test_on_the_slow_path(known: Concentrator) -> None:
    malformed = Stray(StrayReason.MALFORMED, "10.0.0.9", NOON, "10.0.0.9", b"\x00")
    assert_stored_while_it_waits([arrival(known.serial_number)], [malformed])
