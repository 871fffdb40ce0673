"""Sessions over real sockets: messages, half-closed ones, strangers, what is slow (SEC-4, LIS-3)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from ipaddress import ip_network
from pathlib import Path

import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.listener import read_to_end
from tests.wakeup.listener.tls.serving import Serving, run
from tests.wakeup.listener.writers.intakes import until
from wakeup.listener.connections.limits import Limits
from wakeup.listener.tls import secured
from wakeup.models.strays import StrayReason

CERCO1 = BY_NAME["DN-P-cerco1"]
HEADER = b"PROXY TCP4 10.60.0.7 127.0.0.1 40000 58693\r\n"


def cut_off(serving: Serving, why: str) -> float:
    return serving.metrics.cut_off.labels(why)._value.get()  # type: ignore[no-any-return]


def test_messages_are_answered_after_they_are_stored(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        serving.store.go.clear()
        sent = asyncio.create_task(serving.exchange(CERCO1.frame + telegram("A1", Kind.BOOT)))
        await until(lambda: serving.store.tries)
        assert not sent.done()
        serving.store.go.set()
        assert await sent == CERCO1.answer + ACK
        assert {arrival.port for arrival in serving.store.arrivals} == {serving.number}
        assert not serving.store.refused

    run(tmp_path, work)


def test_more_answers_come_than_fit_into_a_record(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        frames = 5_000
        assert await serving.exchange(CERCO1.frame * frames) == CERCO1.answer * frames

    run(tmp_path, work)


def test_a_peer_that_says_farewell_still_gets_its_answers(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = serving.context().wrap_bio(incoming, outgoing, server_hostname="listener.example")
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.number)
        while True:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65_536))
            else:
                break
        session.write(CERCO1.frame)
        with pytest.raises(ssl.SSLWantReadError):
            session.unwrap()
        writer.write(outgoing.read())
        incoming.write(await reader.read())  # until we close
        assert session.read() == CERCO1.answer
        with pytest.raises(ssl.SSLZeroReturnError):
            session.read()
        writer.close()

    run(tmp_path, work)


def test_one_byte_at_a_time_will_do(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = serving.context().wrap_bio(incoming, outgoing, server_hostname="listener.example")
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.number)

        async def send() -> None:
            for byte in outgoing.read():
                writer.write(bytes([byte]))
                await asyncio.sleep(0)

        while True:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                await send()
                incoming.write(await reader.read(65_536))
            else:
                break
        session.write(CERCO1.frame)
        await send()
        incoming.write(await reader.read(65_536))
        assert session.read() == CERCO1.answer
        writer.close()

    run(tmp_path, work)


@pytest.mark.parametrize("sent", [CERCO1.frame, telegram("A1", Kind.BOOT), b"GET / HTTP/1.1\r\n\r\n", b"\0", b"\x16A"])
def test_plain_bytes_are_refused_and_reset(tmp_path: Path, sent: bytes) -> None:
    async def work(serving: Serving) -> None:
        with serving.connect() as plain:
            plain.sendall(sent)
            stray = await serving.refusal()
            assert (stray.reason, stray.sender, stray.raw) == (StrayReason.TLS, "127.0.0.1", sent)
            assert stray.detail == "no TLS hello, on the port for TLS"
            with pytest.raises(ConnectionResetError):
                await asyncio.to_thread(read_to_end, plain)
        assert cut_off(serving, "tls") == 1

    run(tmp_path, work)


def test_bytes_that_spoil_a_session_are_refused_and_what_was_stored_before_is_answered(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        def send() -> bytes:
            with serving.connect() as plain:
                secure = serving.context().wrap_socket(plain, server_hostname="listener.example")
                secure.sendall(CERCO1.frame)
                answer = secure.recv(100)
                socket.socket.sendall(secure, b"\x17\x03\x03\0\x20" + bytes(32))
                with pytest.raises(ssl.SSLError, match="ALERT_BAD_RECORD_MAC"):
                    secure.recv(100)
                return answer

        assert await asyncio.to_thread(send) == CERCO1.answer
        stray = await serving.refusal()
        assert stray.detail == "the TLS session failed: decryption failed or bad record mac"

    run(tmp_path, work)


@pytest.mark.parametrize("begin", [b"", b"\x16", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"])
@pytest.mark.parametrize("ends", [False, True])
def test_a_handshake_that_is_not_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: bytes, ends: bool
) -> None:
    monkeypatch.setattr(secured, "HANDSHAKE_S", 10.0 if ends else 0.05)

    async def work(serving: Serving) -> None:
        with serving.connect() as plain:
            plain.sendall(begin)
            if ends:
                plain.shutdown(socket.SHUT_WR)
            assert await asyncio.to_thread(read_to_end, plain) == b""
        await until(lambda: not serving.connections.open)
        why = "the connection was closed in the middle of the TLS handshake"
        if not ends:
            why = "the TLS handshake was not complete after 0.05 s"
        assert serving.details() == ([why] if begin else []), "a health check leaves no trace"

    run(tmp_path, work)


def test_who_waits_for_a_handshake_gives_way_first(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        with serving.connect() as first, serving.connect() as second:
            first.sendall(b"\x16\x03\x01")
            await until(lambda: len(serving.connections.open) == 2)
            assert await serving.exchange(CERCO1.frame) == CERCO1.answer
            assert await asyncio.to_thread(read_to_end, first) == b""
            second.setblocking(False)
            with pytest.raises(BlockingIOError):
                second.recv(1)

    run(tmp_path, work, limits=Limits(per_address=2))


def test_a_handshake_of_endless_bytes_ends(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        # A hello of the greatest length that a handshake message can state, in records of 16 KiB.
        record = b"\x16\x03\x01\x40\0" + b"\x01\xff\xff\xff" + bytes(16_380)
        with serving.connect() as plain:
            plain.sendall(record)
            stray = await serving.refusal()
            assert stray.detail.startswith("the TLS handshake ")
            assert len(stray.raw) <= 2_056

    run(tmp_path, work)


def test_an_old_version_is_refused_with_its_reason(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        def send() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_ciphers("ALL:@SECLEVEL=0")
            with pytest.warns(DeprecationWarning, match="TLSv1_1"):
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            with serving.connect() as plain, pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
                context.wrap_socket(plain)

        await asyncio.to_thread(send)
        assert (await serving.refusal()).detail == "the TLS handshake failed: unsupported protocol"

    run(tmp_path, work)


def test_who_does_not_trust_us_is_recorded(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        def send() -> None:
            with serving.connect() as plain, pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(plain, server_hostname="listener.example")

        await asyncio.to_thread(send)
        assert (await serving.refusal()).detail == "the TLS handshake failed: it refuses ours, tlsv1 alert unknown ca"

    run(tmp_path, work)


def test_a_header_from_elsewhere_is_no_hello(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        with pytest.raises(ConnectionResetError):
            await serving.exchange(CERCO1.frame, header=HEADER)
        assert (await serving.refusal()).detail == "no TLS hello, on the port for TLS"

    run(tmp_path, work)


def test_who_may_not_send_costs_no_handshake(tmp_path: Path) -> None:
    async def work(serving: Serving) -> None:
        with pytest.raises(ConnectionResetError):
            await serving.exchange(CERCO1.frame)
        assert cut_off(serving, "network") == 1
        assert not serving.store.refused

    run(tmp_path, work, limits=Limits(networks=(ip_network("10.0.0.0/8"),)))


def test_while_there_is_no_room_nobody_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secured, "HANDSHAKE_S", 0.02)

    async def work(serving: Serving) -> None:
        room, serving.intake._room = serving.intake._room, 0
        sent = asyncio.create_task(serving.exchange(CERCO1.frame))
        await asyncio.sleep(0.1)
        assert not sent.done()
        serving.intake._room = room
        for resume in serving.intake._waiting:
            resume()
        assert await sent == CERCO1.answer

    run(tmp_path, work)
