"""The files of TLS: read, wrong, replaced, about to end (SEC-4)."""

from __future__ import annotations

import asyncio
import logging
import shutil
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.tls.certificates import Authority
from tests.wakeup.listener.tls.serving import Serving, run
from wakeup.listener.tls.certificates import Certificates, TlsFiles, TlsFilesError

CERCO1 = BY_NAME["DN-P-cerco1"]
LOG = "wakeup.listener.tls"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def files(authority: Authority) -> TlsFiles:
    own = authority.certify("listener.example", "listener.example")
    return TlsFiles(own.certificate, own.key, authority.file)


def refusal(files: TlsFiles) -> str:
    with pytest.raises(TlsFilesError) as refused:
        Certificates(files)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("certificate", "LISTENER_TLS_CERTIFICATE"),
        ("key", "LISTENER_TLS_KEY"),
        ("client_ca", "LISTENER_TLS_CLIENT_CA"),
    ],
)
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "has no "),
        (b"-----BEGIN CERTIFICATE-----", "has no "),
        (bytes(range(256)), "has no "),
    ],
)
def test_a_file_that_is_not_right_is_named_with_its_variable(
    tmp_path: Path, files: TlsFiles, name: str, variable: str, content: bytes | None, why: str
) -> None:
    wrong = tmp_path / "wrong.pem"
    if content is not None:
        wrong.write_bytes(content)
    with_wrong = {
        "certificate": replace(files, certificate=wrong),
        "key": replace(files, key=wrong),
        "client_ca": replace(files, client_ca=wrong),
    }
    assert refusal(with_wrong[name]).startswith(f"{variable}: {wrong} {why}")


def test_a_folder_is_no_file(tmp_path: Path, files: TlsFiles) -> None:
    assert refusal(replace(files, key=tmp_path)) == f"LISTENER_TLS_KEY: {tmp_path} cannot be read: Is a directory."


def test_a_key_of_another_certificate_is_refused(files: TlsFiles, authority: Authority) -> None:
    other = authority.certify("other").key
    assert refusal(replace(files, key=other)) == f"LISTENER_TLS_KEY: {other} is not the key of the certificate."


def test_a_key_with_a_password_is_refused_and_nobody_is_asked(tmp_path: Path, files: TlsFiles) -> None:
    key, locked = load_pem_private_key(files.key.read_bytes(), None), tmp_path / "locked.key"
    encryption = serialization.BestAvailableEncryption(b"secret")
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked.write_bytes(key.private_bytes(*formats, encryption))
    assert refusal(replace(files, key=locked)).endswith("has no key in PEM, or one with a password.")


def test_no_version_before_1_2_and_no_renegotiation(files: TlsFiles) -> None:
    context = Certificates(files).context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert ssl.OP_NO_RENEGOTIATION in context.options


@pytest.mark.parametrize(
    ("clients", "required", "mode"),
    [
        (True, True, ssl.CERT_REQUIRED),
        (True, False, ssl.CERT_OPTIONAL),
        (False, True, ssl.CERT_NONE),
        (False, False, ssl.CERT_NONE),
    ],
)
def test_clients_show_a_certificate_where_somebody_certifies_them(
    files: TlsFiles, clients: bool, required: bool, mode: ssl.VerifyMode
) -> None:
    wanted = replace(files, client_ca=files.client_ca if clients else None, requires_client=required)
    assert Certificates(wanted).context.verify_mode == mode


def test_it_ends_when_the_first_of_its_chain_does(tmp_path: Path, authority: Authority, files: TlsFiles) -> None:
    alone = Certificates(files).ends_at
    between = authority.certify("between", valid=timedelta(days=3)).certificate
    chain = tmp_path / "chain.pem"
    chain.write_bytes(files.certificate.read_bytes() + between.read_bytes())
    assert Certificates(replace(files, certificate=chain)).ends_at == alone - timedelta(days=87)


@pytest.mark.parametrize(("days", "said"), [(32, ""), (29, "ends"), (-1, "has ended")])
def test_its_end_is_announced_once_a_day_from_30_days_before(
    authority: Authority, files: TlsFiles, caplog: pytest.LogCaptureFixture, days: int, said: str
) -> None:
    own = authority.certify("listener.example", valid=timedelta(days=days))
    certificates, now = Certificates(TlsFiles(own.certificate, own.key)), timezone.now()
    caplog.clear()
    for hours in (0, 1, 23, 25):
        certificates.warn(now + timedelta(hours=hours))
    until = f"the TLS certificate {said} on {certificates.ends_at}: replace its files, then reload"
    assert caplog.messages == ([until] * 2 if said else [])
    assert {record.levelno for record in caplog.records} <= {logging.WARNING}


def test_an_outdated_list_of_revoked_ones_is_an_error_in_the_log(
    authority: Authority, files: TlsFiles, caplog: pytest.LogCaptureFixture
) -> None:
    Certificates(replace(files, client_ca=authority.revoke([])))
    assert "revoked" not in caplog.text
    Certificates(replace(files, client_ca=authority.revoke([], valid=-timedelta(days=1))))
    assert "a list of revoked certificates has ended on" in caplog.text


def test_new_files_hold_for_new_connections_and_cut_no_other(tmp_path: Path, authority: Authority) -> None:
    async def work(serving: Serving) -> None:
        context = serving.context()

        def connect() -> ssl.SSLSocket:
            return context.wrap_socket(serving.connect(), server_hostname="listener.example")

        def number(connected: ssl.SSLSocket) -> str:
            return str((connected.getpeercert() or {})["serialNumber"])

        def ask(connected: ssl.SSLSocket) -> bytes:
            connected.sendall(CERCO1.frame)
            return connected.recv(100)

        files = serving.port.certificates._files
        with await asyncio.to_thread(connect) as old:
            new = authority.certify("listener.example", "listener.example")
            shutil.copy(new.certificate, files.certificate)
            shutil.copy(new.key, files.key)
            serving.port.reload()
            with await asyncio.to_thread(connect) as young:
                assert number(old) != number(young)
                assert await asyncio.to_thread(ask, old) == CERCO1.answer
                assert await asyncio.to_thread(ask, young) == CERCO1.answer

    run(tmp_path, work, authority=authority)


def test_wrong_files_change_nothing_and_are_told(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(serving: Serving) -> None:
        certificates = serving.port.certificates
        before = certificates.context, certificates.ends_at
        certificates._files.key.write_bytes(b"")
        serving.port.reload()
        assert (certificates.context, certificates.ends_at) == before
        assert "TLS goes on with the files as they were: LISTENER_TLS_KEY: " in caplog.text
        assert await serving.exchange(CERCO1.frame) == CERCO1.answer

    run(tmp_path, work, authority=authority)
