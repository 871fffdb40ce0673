"""One sender that sends as fast as it can, to a real listener with the rates of production (SEC-2)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.plugins.effort import IN_CI, SOAKS
from tests.support.listener import Listener, metric, read_to_end, running_listener
from tests.support.processes import free_port
from wakeup.models import Message, SurplusCount, WakeupTotal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

MESSAGES = 300_000 if SOAKS else 30_000 if IN_CI else 3_000
RATES = {"LISTENER_RATE_PER_SERIAL": "60", "LISTENER_BURST_PER_SERIAL": "120"}
TOLERATED_S = 60  # for how long a slow machine may take


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def listener(in_field: Concentrator, monkeypatch: pytest.MonkeyPatch, metrics_port: int) -> Iterator[Listener]:
    for name, value in RATES.items():
        monkeypatch.setenv(name, value)
    with running_listener("--metrics-port", str(metrics_port)) as running:
        yield running


def answers_to(connected: socket.socket, frame: bytes, count: int) -> bytes:
    """What comes back while ``count`` frames are sent and until the listener closes."""

    def send() -> None:
        for _ in range(count // 100):
            connected.sendall(100 * frame)
        connected.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = read_to_end(connected)
    sender.join()
    return received


def test_all_are_answered_and_few_are_stored(listener: Listener, in_field: Concentrator, metrics_port: int) -> None:
    frame = push_notification(in_field.serial_number, Kind.KEEPALIVE)
    answer = listener.exchange(frame)
    with listener.connect() as connected:
        assert answers_to(connected, frame, MESSAGES) == MESSAGES * answer
    stored = Message.objects.count()
    assert 120 <= stored < 120 + TOLERATED_S + 1 < 1_000
    assert sum(SurplusCount.objects.values_list("count", flat=True)) == 1 + MESSAGES - stored
    assert SurplusCount.objects.count() <= 1 + TOLERATED_S // 60 + 1
    assert WakeupTotal.objects.get().wakeup_count == stored
    assert metric(metrics_port, "surplus_messages_total") == 1 + MESSAGES - stored


def test_a_boot_and_a_last_gasp_come_through_the_flood_of_their_own_serial(
    listener: Listener, in_field: Concentrator
) -> None:
    serial = in_field.serial_number
    flood = 200 * push_notification(serial, Kind.KEEPALIVE)
    listener.exchange(flood + push_notification(serial, Kind.LASTGASP) + flood + push_notification(serial, Kind.BOOT))
    kinds = list(Message.objects.exclude(kind=Kind.KEEPALIVE).order_by("pk").values_list("kind", flat=True))
    assert kinds == [Kind.LASTGASP, Kind.BOOT]
