"""A real nginx in front of a real listener: the concentrator's own address by TCP and by UDP (WIR-7, OPS-2)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.support.listener import HOST, read_to_end, running_listener
from tests.support.processes import wait_until
from tests.support.systems.nginx import running_nginx
from wakeup.models import Message, StrayFrame

ANSWER_SIZE = 14


class Balanced(NamedTuple):
    """Where concentrators connect, by name of nginx's server."""

    ports: dict[str, int]

    def exchange(self, source: str, data: bytes) -> bytes:
        with socket.create_connection((HOST, self.ports["tcp"]), timeout=10, source_address=(source, 0)) as connected:
            connected.sendall(data)
            connected.shutdown(socket.SHUT_WR)
            return read_to_end(connected)

    def sender(self, server: str, source: str) -> socket.socket:
        """A socket that sends datagrams by way of ``server``."""
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.bind((source, 0))
        sender.settimeout(10)
        sender.connect((HOST, self.ports[server]))
        return sender


def answer_to(sender: socket.socket, frame: bytes) -> bytes:
    """A datagram may be lost on a busy machine: it is sent again then, as concentrators do (SIM-1)."""
    sender.settimeout(3)
    for _ in range(3):
        sender.send(frame)
        with suppress(TimeoutError):
            return sender.recv(100)
    raise TimeoutError


@pytest.fixture(scope="module")
def balanced(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    folder = tmp_path_factory.mktemp("nginx")
    with running_listener("--proxies", HOST) as listener:
        to_us = f"proxy_pass {HOST}:{listener.port};"
        servers = {
            # By default nginx drops the answer to a concentrator that has closed its side.
            "tcp": f"listen {HOST}:{{port}}; {to_us} proxy_protocol on; proxy_half_close on;",
            "udp": f"listen {HOST}:{{port}} udp; {to_us} proxy_protocol on;",
            "hidden": f"listen {HOST}:{{port}} udp; {to_us}",
        }
        with running_nginx(servers, folder) as ports:
            yield Balanced(ports)


@pytest.mark.process
@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
class TestBehindNginx:
    def test_a_connection_bears_the_concentrators_own_address(self, balanced: Balanced, in_field: Concentrator) -> None:
        frame = push_notification(in_field.serial_number, Kind.BOOT)
        for source in ("127.0.0.5", "127.0.0.6"):
            assert len(balanced.exchange(source, frame * 2)) == 2 * ANSWER_SIZE
        assert addresses() == ["127.0.0.5"] * 2 + ["127.0.0.6"] * 2

    def test_so_do_datagrams_the_later_ones_of_a_session_too(self, balanced: Balanced, in_field: Concentrator) -> None:
        frame = push_notification(in_field.serial_number, Kind.LASTGASP)
        for source in ("127.0.0.5", "127.0.0.6"):
            with balanced.sender("udp", source) as sender:
                for _ in range(3):
                    assert len(answer_to(sender, frame)) == ANSWER_SIZE
        assert set(addresses()) == {"127.0.0.5", "127.0.0.6"}
        assert len(addresses()) >= 6
        assert not StrayFrame.objects.exists()

    def test_a_datagram_whose_sender_nginx_hides_is_refused_with_the_reason(
        self, balanced: Balanced, in_field: Concentrator
    ) -> None:
        with balanced.sender("hidden", "127.0.0.5") as sender:
            sender.send(push_notification(in_field.serial_number, Kind.LASTGASP))
            wait_until(StrayFrame.objects.exists)
        assert "its datagrams must begin with a PROXY header" in StrayFrame.objects.get().detail
        assert not Message.objects.exists()


def addresses() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("source_ip", flat=True))
