"""Who shows a certificate: let in or not, and held to the serial number that it names (SEC-4, SEC-1)."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.field_frames import BY_NAME as FIELD
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.tls.certificates import Authority, Pair
from tests.wakeup.listener.tls.serving import Serving, run
from wakeup.models.strays import StrayReason

CERCO1 = BY_NAME["DN-P-cerco1"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_each_message_has_to_be_of_the_device_that_the_certificate_names(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        frames = telegram("A1", Kind.BOOT), telegram("B2", Kind.BOOT), telegram("a1", Kind.KEEPALIVE)
        answers = await serving.exchange(b"".join(frames), authority.certify("A1"))
        assert answers == ACK * 3, "what is refused is answered, or it would come again"
        assert [arrival.serial for arrival in serving.store.arrivals] == ["A1", "A1"]
        assert all(arrival.is_proven for arrival in serving.store.arrivals)
        (stray,) = serving.store.refused
        assert (stray.reason, stray.sender, stray.raw) == (StrayReason.IDENTITY, "A1", frames[1])
        assert stray.detail == "a message of B2, but the certificate of its sender is that of A1"

    run(tmp_path, work, client_ca=authority.file, authority=authority)


def test_a_login_of_another_device_is_refused_as_well(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        login = FIELD["login-0A"]
        answers = await serving.exchange(login.frame + telegram("A1", Kind.BOOT), authority.certify("A1"))
        assert answers == login.answer + ACK
        assert [arrival.serial for arrival in serving.store.arrivals] == ["A1"]
        assert [stray.reason for stray in serving.store.refused] == [StrayReason.IDENTITY]

    run(tmp_path, work, client_ca=authority.file, authority=authority)


def test_a_message_that_names_nobody_is_of_the_device_of_the_certificate(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        await serving.exchange(FIELD["event-without-id"].frame, authority.certify("A1"))
        assert [arrival.serial for arrival in serving.store.arrivals] == ["A1"]
        assert not serving.store.refused

    run(tmp_path, work, client_ca=authority.file, authority=authority)


def test_whoever_sends_only_for_another_one_is_closed(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        await serving.exchange(telegram("B2", Kind.BOOT) * 30, authority.certify("A1"))
        assert not serving.store.arrivals
        assert len(serving.store.refused) == 20

    run(tmp_path, work, client_ca=authority.file, authority=authority)


@pytest.mark.parametrize("name", ["Gateway of Chile", ""])
def test_a_certificate_that_names_no_device_lets_all_in_and_proves_none(
    tmp_path: Path, authority: Authority, name: str
) -> None:
    async def work(serving: Serving) -> None:
        data = telegram("A1", Kind.BOOT) + telegram("B2", Kind.BOOT)
        assert await serving.exchange(data, authority.certify(name, "gateway.example")) == ACK * 2
        assert [(arrival.serial, arrival.is_proven) for arrival in serving.store.arrivals] == [
            ("A1", False),
            ("B2", False),
        ]

    run(tmp_path, work, client_ca=authority.file, authority=authority)


def refused_with(serving: Serving, shown: Pair | None) -> None:
    """Try to send, and be told by an alert that it is not wanted."""
    with serving.connect() as plain, pytest.raises(ssl.SSLError, match="ALERT"):  # noqa: PT012 - when, depends on TLS
        secure = serving.context(shown).wrap_socket(plain, server_hostname="listener.example")
        secure.sendall(CERCO1.frame)
        secure.recv(100)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("nobody", "peer did not return a certificate"),
        ("of another", "its certificate is refused, unable to get local issuer certificate"),
        ("expired", "its certificate is refused, certificate has expired"),
        ("revoked", "its certificate is refused, certificate revoked"),
    ],
)
def test_who_is_not_certified_is_refused_and_recorded(tmp_path: Path, authority: Authority, who: str, why: str) -> None:
    revoked = authority.certify("A1")
    shown = {
        "nobody": None,
        "of another": Authority(tmp_path, "Another root").certify("A1"),
        "expired": authority.certify("A1", valid=-timedelta(days=1)),
        "revoked": revoked,
    }

    async def work(serving: Serving) -> None:
        await asyncio.to_thread(refused_with, serving, shown[who])
        stray = await serving.refusal()
        assert (stray.reason, stray.sender) == (StrayReason.TLS, "127.0.0.1")
        assert stray.detail == f"the TLS handshake failed: {why}"
        assert not serving.store.arrivals
        assert await serving.exchange(CERCO1.frame, authority.certify("Gateway of Chile")) == CERCO1.answer

    run(tmp_path, work, client_ca=authority.revoke([revoked]), authority=authority)


def test_with_an_outdated_list_of_revoked_ones_nobody_is_let_in(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        await asyncio.to_thread(refused_with, serving, authority.certify("A1"))
        assert (await serving.refusal()).detail.endswith("CRL has expired")

    run(tmp_path, work, client_ca=authority.revoke([], valid=-timedelta(days=1)), authority=authority)


def test_where_it_is_optional_who_shows_none_is_let_in_and_who_shows_a_wrong_one_is_not(
    tmp_path: Path, authority: Authority
) -> None:
    other = Authority(tmp_path, "Another root").certify("A1")

    async def work(serving: Serving) -> None:
        assert await serving.exchange(CERCO1.frame) == CERCO1.answer
        assert await serving.exchange(telegram("A1", Kind.BOOT), authority.certify("A1")) == ACK
        assert [arrival.is_proven for arrival in serving.store.arrivals] == [False, True]
        await asyncio.to_thread(refused_with, serving, other)

    run(tmp_path, work, client_ca=authority.file, requires_client=False, authority=authority)


def test_without_anybody_who_certifies_clients_what_they_show_proves_nothing(
    tmp_path: Path, authority: Authority
) -> None:
    async def work(serving: Serving) -> None:
        assert await serving.exchange(telegram("B2", Kind.BOOT), authority.certify("A1")) == ACK
        assert [arrival.is_proven for arrival in serving.store.arrivals] == [False]

    run(tmp_path, work, authority=authority)
