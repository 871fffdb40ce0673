"""The PROXY header of a balancer comes before the handshake (WIR-7, SEC-4)."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.tls.serving import Serving, run
from wakeup.listener.connections.limits import Limits
from wakeup.listener.tls import secured
from wakeup.models.strays import StrayReason

CERCO1 = BY_NAME["DN-P-cerco1"]
HEADER = b"PROXY TCP4 10.60.0.7 127.0.0.1 40000 58693\r\n"
BALANCED = Limits(proxies=(ip_network("127.0.0.1"),))


@pytest.mark.parametrize("together", [False, True])
def test_behind_a_balancer_the_header_comes_before_the_handshake(tmp_path: Path, together: bool) -> None:
    async def work(serving: Serving) -> None:
        if together:
            assert await serving.exchange(CERCO1.frame, header=HEADER) == CERCO1.answer
        else:
            assert await _byte_by_byte(serving) == CERCO1.answer
        assert [arrival.source_ip for arrival in serving.store.arrivals] == ["10.60.0.7"]
        assert not serving.store.refused

    run(tmp_path, work, limits=BALANCED)


async def _byte_by_byte(serving: Serving) -> bytes:
    """The answer where the header comes in pieces, and the handshake behind it."""

    def send() -> bytes:
        with serving.connect() as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in HEADER:
                plain.sendall(bytes([byte]))
            with serving.context().wrap_socket(plain, server_hostname="listener.example") as secure:
                secure.sendall(CERCO1.frame)
                return secure.recv(100)

    return await asyncio.to_thread(send)


def test_the_time_for_the_handshake_begins_behind_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secured, "HANDSHAKE_S", 0.02)

    async def work(serving: Serving) -> None:
        with serving.connect() as plain:
            await asyncio.sleep(0.1)
            plain.sendall(HEADER + b"\x16\x03\x01")
            stray = await serving.refusal()
            assert (stray.sender, stray.raw) == ("10.60.0.7", b"\x16\x03\x01")
            assert stray.detail == "the TLS handshake was not complete after 0.02 s"

    run(tmp_path, work, limits=BALANCED)


def test_without_the_header_that_is_due_nobody_gets_as_far_as_a_handshake(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        with pytest.raises(ConnectionResetError):
            await serving.exchange(CERCO1.frame)
        stray = await serving.refusal()
        assert stray.reason == StrayReason.MALFORMED
        assert "listed as a balancer" in stray.detail

    run(tmp_path, work, limits=BALANCED)
