"""Webhooks go to listed networks alone, follow nothing, and bear whatever answers (STA-7)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.processes import free_port
from tests.wakeup.monitoring.notifications.sending.answering import Answering, answering
from wakeup.monitoring.notifications.events import in_words
from wakeup.monitoring.notifications.sending import webhook
from wakeup.monitoring.notifications.sending.addresses import (
    NotSentError,
    WrongUrlError,
    address_for,
    read_url,
)
from wakeup.monitoring.notifications.sending.signing import new_secret, signed_headers

# What the Standard Webhooks project and Svix publish as their example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def refusal(url: str, body: bytes = b"{}") -> str:
    """Why it was not taken, in words; empty if it was."""
    try:
        webhook.post(read_url(url), {}, body)
    except NotSentError as error:
        return in_words(str(error))
    return ""


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have ``addresses``; return the names that are asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_the_signature_is_that_of_the_specification() -> None:
    headers = signed_headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == SIGNED
    assert headers["webhook-timestamp"] == "1614265330"


def test_no_two_secrets_are_alike() -> None:
    assert len({new_secret() for _ in range(100)}) == 100


def test_what_is_posted_arrives_as_it_is(web: Answering) -> None:
    assert refusal(web.url, b"\xc3\xb1") == ""
    (post,) = web.posts
    assert (post.path, post.body, post.headers["host"]) == ("/hook?x=1", b"\xc3\xb1", f"127.0.0.1:{web.port}")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_delivered(web: Answering, status: int) -> None:
    web.manner = status
    assert refusal(web.url) == ""


@pytest.mark.parametrize("status", [304, 400, 404, 410, 429, 500, 503, 999])
def test_every_other_status_is_not(web: Answering, status: int) -> None:
    web.manner = status
    assert refusal(web.url) == f"answered {status}"


def test_a_redirect_is_not_followed(web: Answering) -> None:
    web.manner = "redirect"
    assert refusal(web.url) == f"redirects to http://127.0.0.1:{web.port}/other, which is not followed"
    assert [post.path for post in web.posts] == ["/hook?x=1"]


def test_who_closes_without_an_answer(web: Answering) -> None:
    web.manner = "close"
    assert refusal(web.url) == "closed the connection without an answer"


@pytest.mark.parametrize("manner", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x15\x03\x01\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http(web: Answering, manner: bytes) -> None:
    web.manner = manner
    assert refusal(web.url) == "answered what is no HTTP"


@pytest.mark.parametrize("manner", ["hang", "drip"])
def test_it_ends_after_15_s_also_if_a_byte_comes_now_and_then(
    web: Answering, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "WHOLE_S", 0.4)
    web.manner, began = manner, time.monotonic()
    assert refusal(web.url) == "did not answer in 0 s"
    assert time.monotonic() - began < 3


def test_an_endless_answer_is_delivered_and_not_read(web: Answering) -> None:
    web.manner, began = "endless", time.monotonic()
    assert refusal(web.url) == ""
    assert time.monotonic() - began < 3


def test_tls_that_drips_in_its_handshake_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "WHOLE_S", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: drip(server.accept()[0]), daemon=True).start()
        began = time.monotonic()
        assert refusal(f"https://127.0.0.1:{server.getsockname()[1]}/") == "did not answer in 0 s"
        assert time.monotonic() - began < 3


def drip(connection: socket.socket) -> None:
    """A TLS record that never ends."""
    with connection:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _ in range(100):
            try:
                connection.sendall(b"\x02")
            except OSError:
                return
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "refused"), [("hook.example", ""), ("other.example", "no safe connection: Hostname mismatch")]
)
def test_over_tls_the_certificate_is_that_of_the_name_and_the_name_is_told(
    name: str, refused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, told = certificate_of("hook.example", tmp_path), list[str]()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, asked, _context: told.append(str(asked))
    monkeypatch.setattr(webhook, "_context", lambda: ssl.create_default_context(cafile=str(pem)))
    names(monkeypatch, "127.0.0.1")
    with answering(context=context) as safe:
        assert refusal(f"https://{name}:{safe.port}/").startswith(refused)
        assert told == [name]
        assert len(safe.posts) == (not refused)


def certificate_of(name: str, folder: Path) -> Path:
    """A certificate that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


def test_what_speaks_no_tls_is_told_so(web: Answering) -> None:
    assert refusal(web.url.replace("http:", "https:")).startswith("no safe connection: ")
    assert web.posts == []


def test_where_nobody_listens() -> None:
    assert refusal(f"http://127.0.0.1:{free_port()}/") == "cannot be connected to: Connection refused"


def test_without_networks_nothing_goes_anywhere(web: Answering, settings: Any) -> None:
    settings.NOTIFY_NETWORKS = []
    assert refusal(web.url) == "no network is listed in NOTIFY_NETWORKS, so no webhook goes anywhere"
    assert web.posts == []


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("169.254.169.254", "169.254.169.254"),
        ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ("[::]", "::"),
    ],
)
def test_an_address_outside_the_networks_is_refused_however_it_is_written(
    host: str, seen: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOTIFY_NETWORKS = ["10.0.0.0/8", "fd00::/8"]
    if host == "localhost":
        names(monkeypatch, "127.0.0.1")
    assert refusal(f"http://{host}:9/") == f"{seen} lies outside NOTIFY_NETWORKS"


def test_one_of_two_addresses_outside_is_enough(web: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "127.0.0.1", "10.0.0.1")
    assert refusal(f"http://two.example:{web.port}/") == "10.0.0.1 lies outside NOTIFY_NETWORKS"
    assert web.posts == []


def test_what_was_checked_is_what_is_connected_to(web: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, "127.0.0.1")
    assert refusal(f"http://one.example:{web.port}/") == ""
    assert web.posts[0].headers["host"] == f"one.example:{web.port}"
    assert asked[0] == "one.example"
    assert "one.example" not in asked[1:]  # a second look might find another address


def test_a_mapped_address_is_the_one_that_is_meant(settings: Any) -> None:
    settings.NOTIFY_NETWORKS = ["::/0"]
    with pytest.raises(NotSentError):
        address_for(read_url("http://[::ffff:10.0.0.1]/"))


def test_a_proxy_of_the_system_is_not_asked(web: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert refusal(web.url) == ""


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kwargs: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal("http://nowhere.example/") == "nobody knows the name nowhere.example"


def test_a_name_that_is_too_long_is_one_that_nobody_knows() -> None:
    assert refusal(f"http://{'a' * 300}.example/").startswith("nobody knows the name aaa")


@pytest.mark.parametrize(
    "url",
    [
        *("", "hook", "ftp://10.0.0.1/", "file:///etc/passwd", "http://", "http:///x", "//10.0.0.1/", "https://:443/"),
        *("http://user:word@10.0.0.1/", "http://10.0.0.1:99999/", "http://10.0.0.1:0/", "http://10.0.0.1:x/"),
        *("http://10.0.0.1/\r\nX: 1", "http://10.0.0.1/a b", "http://ñ.example/", "http://[::1/", "http://@10.0.0.1/"),
    ],
)
def test_what_is_no_address_of_a_webhook(url: str) -> None:
    with pytest.raises(WrongUrlError):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://hook.example", "hook.example", "/"),
        ("http://HOOK.example:80/x?y=1#z", "hook.example", "/x?y=1"),
        ("https://hook.example:8443/", "hook.example:8443", "/"),
        ("http://[fd00::1]:8080/", "[fd00::1]:8080", "/"),
    ],
)
def test_what_is_asked_of_whom(url: str, host: str, path: str) -> None:
    assert (read_url(url).host_header, read_url(url).path) == (host, path)
