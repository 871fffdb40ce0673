"""A real listener with a port for TLS, alone and behind a real HAProxy that passes TLS through (SEC-4)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from cryptography import x509

from concentrators.models import Company, Concentrator
from profiles.models import FromElsewhere, SystemSettings
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.factories import ConcentratorFactory
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.haproxy import running_haproxy
from tests.support.listener import HOST, metric, read_to_end, running_listener
from tests.support.processes import free_port, wait_until
from tests.support.tls.certificates import Pair
from tests.support.tls.listener import TlsListener, running_tls_listener
from wakeup.models import ListenerRun, Message, StrayFrame, StrayReason

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.one_database]

CERCO1 = BY_NAME["DN-P-cerco1"]
HAPROXY = """
defaults
    mode tcp
    timeout client 10s
    timeout server 10s
    timeout connect 2s
frontend concentrators
    bind {tls}
    default_backend listeners
backend listeners
    server one 127.0.0.1:PORT send-proxy-v2 check check-send-proxy inter 20ms
"""


@dataclass(frozen=True)
class Running:
    listener: TlsListener
    metrics_port: int
    balanced_port: int

    def exchange(self, data: bytes, *, source: str = HOST, shown: Pair | None = None) -> bytes:
        place = (HOST, self.balanced_port)
        with (
            socket.create_connection(place, timeout=10, source_address=(source, 0)) as plain,
            self.listener.context(shown).wrap_socket(plain) as secure,
        ):
            secure.sendall(data)
            socket.socket.shutdown(secure, socket.SHUT_WR)
            with suppress(ssl.SSLEOFError):
                return read_to_end(secure)
        return b""


@pytest.fixture(scope="module")
def shared(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, metrics_port = tmp_path_factory.mktemp("tls"), free_port()
    with running_tls_listener(folder, "--proxies", HOST, "--metrics-port", str(metrics_port)) as listener:
        configuration = HAPROXY.replace("PORT", str(listener.port))
        with running_haproxy(configuration, folder / "haproxy.cfg", ("tls",)) as ports:
            yield Running(listener, metrics_port, ports["tls"])


@pytest.fixture
def running(shared: Running, in_field: Concentrator) -> Running:
    return shared


def test_behind_a_balancer_messages_have_the_concentrators_own_address(running: Running) -> None:
    for source in ("127.0.0.5", "127.0.0.6"):
        assert running.exchange(CERCO1.frame, source=source) == CERCO1.answer
    stored = Message.objects.order_by("pk").values_list("source_ip", "port")
    assert list(stored) == [("127.0.0.5", running.listener.port), ("127.0.0.6", running.listener.port)]
    assert not StrayFrame.objects.exists(), "health checks leave no trace"


def test_a_certificate_proves_who_it_is_wherever_it_is(running: Running, chile: Company) -> None:
    one = ConcentratorFactory.create(company=chile, expected_networks="10.60.0.0/16")
    SystemSettings.objects.update_or_create(pk=1, defaults={"from_elsewhere": FromElsewhere.REFUSED})
    shown = running.listener.authority.certify(one.serial_number)
    data = telegram(one.serial_number, Kind.BOOT)
    assert running.exchange(data) == ACK
    assert list(StrayFrame.objects.values_list("reason", flat=True)) == [StrayReason.NETWORK]
    assert running.exchange(data + CERCO1.frame, shown=shown) == ACK + CERCO1.answer
    assert list(Message.objects.values_list("concentrator", "elsewhere")) == [(one.pk, False)]
    refused = StrayFrame.objects.get(reason=StrayReason.IDENTITY)
    assert (refused.sender, CERCO1.serial in refused.detail) == (one.serial_number, True)


def test_a_hello_on_the_plain_port_is_told_from_junk() -> None:
    with running_listener() as listener:
        with listener.connect() as plain, pytest.raises(OSError):  # noqa: PT011 - an end, or a reset
            ssl.create_default_context().wrap_socket(plain, server_hostname="listener.example")
        wait_until(StrayFrame.objects.exists)
        os.kill(listener.pid, signal.SIGHUP)  # nothing to read again, and no end
        assert listener.exchange(telegram("A1", Kind.BOOT)) == ACK
    stray = StrayFrame.objects.get(reason=StrayReason.TLS)
    assert stray.detail == "a TLS hello on the plain port: TLS has a port of its own"


def test_the_listener_says_which_port_it_has_and_when_its_certificate_ends(running: Running) -> None:
    def ends() -> float:
        return metric(running.metrics_port, "tls_certificate_expires_timestamp_seconds")

    def number() -> float:
        return x509.load_pem_x509_certificate(own.certificate.read_bytes()).not_valid_after_utc.timestamp()

    own = running.listener.own
    assert ends() == number()
    wait_until(lambda: ListenerRun.objects.filter(tls_port=running.listener.port).exists())
    with urllib.request.urlopen(f"http://{HOST}:{running.metrics_port}/healthz", timeout=10) as page:
        assert page.status == 200

    new = running.listener.authority.certify("listener.example")
    new_ends = x509.load_pem_x509_certificate(new.certificate.read_bytes()).not_valid_after_utc
    shutil.copy(new.certificate, own.certificate)
    shutil.copy(new.key, own.key)
    os.kill(running.listener.plain.pid, signal.SIGHUP)
    wait_until(lambda: ends() == new_ends.timestamp())
    assert running.exchange(CERCO1.frame) == CERCO1.answer
    wait_until(lambda: ListenerRun.objects.filter(certificate_ends_at=new_ends).exists())
