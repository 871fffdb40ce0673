"""A real HAProxy in front of a real listener: own addresses, quiet health checks (WIR-7, OPS-2)."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.haproxy import check_configuration, running_haproxy
from tests.support.listener import HOST, metric, read_to_end, running_listener
from tests.support.processes import free_port
from wakeup.models import Message, StrayFrame

CERCO1 = BY_NAME["DN-P-cerco1"]
CHECKS = 20
CONFIGURATION = """
defaults
    mode tcp
    timeout client 10s
    timeout server 10s
    timeout connect 2s
    default-server check check-send-proxy inter 20ms
frontend with_version_1
    bind {v1}
    default_backend by_version_1
backend by_version_1
    server one 127.0.0.1:PORT send-proxy
frontend with_version_2
    bind {v2}
    default_backend by_version_2
backend by_version_2
    server one 127.0.0.1:PORT send-proxy-v2
frontend with_nobody
    bind {nobody}
    tcp-request connection reject if {{ nbsrv(gone) lt 1 }}
    default_backend gone
backend gone
    server one 127.0.0.1:PORT send-proxy-v2 disabled
"""


class Balanced(NamedTuple):
    """Where concentrators connect, by name of the frontend; the listener's log and its metrics."""

    ports: dict[str, int]
    log: Path
    metrics_port: int

    def connect(self, frontend: str, source: str) -> socket.socket:
        return socket.create_connection((HOST, self.ports[frontend]), timeout=10, source_address=(source, 0))

    def exchange(self, frontend: str, source: str, data: bytes) -> bytes:
        with self.connect(frontend, source) as connected:
            connected.sendall(data)
            connected.shutdown(socket.SHUT_WR)
            return read_to_end(connected)

    def connections(self) -> int:
        """How many connections the listener has accepted so far, health checks included."""
        return int(metric(self.metrics_port, "connections_total"))


@contextmanager
def errors_to(file: Path) -> Iterator[None]:
    """Let the standard error of processes that are started inside the block go to ``file``."""
    before = os.dup(2)
    with file.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


@pytest.fixture(scope="module")
def balanced(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    folder, metrics_port = tmp_path_factory.mktemp("haproxy"), free_port()
    listening = running_listener("--proxies", "127.0.0.1", "--metrics-port", str(metrics_port))
    with errors_to(folder / "log"):
        listener = listening.__enter__()
    configuration = CONFIGURATION.replace("PORT", str(listener.port))
    try:
        with running_haproxy(configuration, folder / "haproxy.cfg", ("v1", "v2", "nobody")) as ports:
            yield Balanced(ports, folder / "log", metrics_port)
    finally:
        listening.__exit__(None, None, None)


@pytest.mark.process
@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
class TestBehindHaproxy:
    @pytest.mark.parametrize("frontend", ["v1", "v2"])
    def test_messages_are_stored_with_the_concentrators_own_address(
        self, balanced: Balanced, frontend: str, in_field: Concentrator
    ) -> None:
        for source in ("127.0.0.5", "127.0.0.6"):
            data = CERCO1.frame + telegram(in_field.serial_number, Kind.BOOT)
            assert balanced.exchange(frontend, source, data) == CERCO1.answer + ACK
        addresses = Message.objects.order_by("pk").values_list("source_ip", flat=True)
        assert list(addresses) == ["127.0.0.5"] * 2 + ["127.0.0.6"] * 2

    @pytest.mark.parametrize("frontend", ["v1", "v2"])
    def test_so_are_unknown_senders_and_what_cannot_be_read(self, balanced: Balanced, frontend: str) -> None:
        assert balanced.exchange(frontend, "127.0.0.5", telegram("NOSUCH1", Kind.BOOT)) == ACK
        assert balanced.exchange(frontend, "127.0.0.6", b"GET / HTTP/1.1\r\n\r\n") == b""
        strays = StrayFrame.objects.order_by("source_ip").values_list("sender", "source_ip")
        assert list(strays) == [("NOSUCH1", "127.0.0.5"), ("127.0.0.6", "127.0.0.6")]

    def test_health_checks_leave_no_stray_frame_and_nothing_in_the_log(self, balanced: Balanced) -> None:
        enough = balanced.connections() + CHECKS
        while balanced.connections() < enough:
            pass  # each look takes a while
        assert not StrayFrame.objects.exists()
        log = balanced.log.read_text()
        assert "listening on TCP and UDP" in log
        assert not [line for line in log.splitlines() if " INFO " not in line]

    def test_while_no_listener_is_up_a_concentrator_is_reset(self, balanced: Balanced) -> None:
        with pytest.raises(OSError) as ended:  # noqa: PT011 - which one depends on how far we were
            balanced.exchange("nobody", "127.0.0.5", CERCO1.frame)
        assert ended.value.errno in (errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE)


@pytest.mark.parametrize("name", ["haproxy", "database"])
def test_the_example_for_production_is_right(name: str) -> None:
    assert check_configuration(settings.BASE_DIR / "deploy" / "haproxy" / f"{name}.cfg") == ""
