"""The nginx of deploy/ before a real web: slow and large bodies never reach it, and honest users notice nothing."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import ROOT
from tests.support.listener import HOST, database_url
from tests.support.processes import free_port, wait_until
from tests.support.systems.debian import program

NAME = "smmeplus.example"
SLOW = 60
MIB = 2**20
OK = 200

pytestmark = [pytest.mark.process, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]


class Site:
    """The web as a browser reaches it, by TLS at ``port``."""

    def __init__(self, port: int, plain: int) -> None:
        self.port, self.plain = port, plain
        self._trusting = ssl.create_default_context()
        self._trusting.check_hostname, self._trusting.verify_mode = False, ssl.CERT_NONE

    def socket(self) -> ssl.SSLSocket:
        return self._trusting.wrap_socket(socket.create_connection((HOST, self.port), timeout=10), server_hostname=NAME)

    def ask(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connected = http.client.HTTPSConnection(HOST, self.port, timeout=10, context=self._trusting)
        connected.request("GET", path, headers={"Host": NAME, **headers})
        response = connected.getresponse()
        response.read()
        return response

    def is_up(self) -> bool:
        with suppress(OSError):
            return self.ask("/healthz").status == OK
        return False

    def begin_post(self, path: str, length: int, **headers: str) -> ssl.SSLSocket:
        """A connection that has said that a form of so many bytes comes, and sent the first one."""
        form = "application/x-www-form-urlencoded"
        told = {"Host": NAME, "Content-Type": form, "Content-Length": str(length), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        connected = self.socket()
        connected.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\na".encode())
        return connected


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    certificate, private = folder / "site.pem", folder / "site.key"
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, private


def configuration(folder: Path, web: int, site: Site) -> Path:
    """The file of deploy/ with ports and a certificate of ours, and time-outs that a test waits for."""
    certificate, private = make_certificate(folder)
    text = Path(ROOT, "deploy/nginx/smmeplus.conf").read_text()
    for old, new in (
        ("server 127.0.0.1:8000;", f"server {HOST}:{web};"),
        ("listen 80;", f"listen {HOST}:{site.plain};"),
        ("listen 443 ssl", f"listen {HOST}:{site.port} ssl"),
        ("/etc/ssl/smmeplus.pem", str(certificate)),
        ("/etc/ssl/private/smmeplus.key", str(private)),
        ("client_body_timeout 10s;", "client_body_timeout 2s;"),
    ):
        assert old in text
        text = text.replace(old, new)
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in paths)
    file = folder / "nginx.conf"
    ours = "user root;" if os.geteuid() == 0 else ""  # else it writes long bodies as somebody who may not
    file.write_text(
        f"{ours} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log {folder}/access.log; {temporary}\n{text}\n}}\n"
    )
    return file


@pytest.fixture(scope="module")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, web, site = tmp_path_factory.mktemp("nginx"), free_port(), Site(free_port(), free_port())
    file = configuration(folder, web, site)
    path = program("nginx")
    subprocess.run([path, "-t", "-q", "-p", folder, "-c", file], check=True)
    environment = os.environ | {"DATABASE_URL": database_url(), "ALLOWED_HOSTS": NAME, "PROXIES": "1"}
    unit = Path(ROOT, "deploy/systemd/smmeplus-web.service").read_text()
    options = re.search(r"gunicorn smmeplus.wsgi --bind \S+ (.*)", unit)
    assert options
    gunicorn = ["-m", "gunicorn", "smmeplus.wsgi", "--bind", f"{HOST}:{web}", *options[1].split()]
    with ExitStack() as stack:
        stack.enter_context(ended(subprocess.Popen([sys.executable, *gunicorn], cwd=ROOT, env=environment)))
        stack.enter_context(ended(subprocess.Popen([path, "-p", folder, "-c", file])))
        wait_until(site.is_up, patience_s=60)
        yield site


def test_a_user_is_led_to_tls_and_to_the_sign_in(site: Site) -> None:
    connected = http.client.HTTPConnection(HOST, site.plain, timeout=10)
    connected.request("GET", "/reports/wakeup/?page=2", headers={"Host": NAME})
    response = connected.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{NAME}/reports/wakeup/?page=2")
    response = site.ask("/reports/wakeup/")
    assert (response.status, response.headers["Location"]) == (302, "/sign-in/?next=/reports/wakeup/")
    assert "gunicorn" not in response.headers["Server"]


def test_sixty_slow_bodies_stop_nobody_and_are_cut_off(site: Site) -> None:
    """Of a form that the web would read to its end, as the check against forgery looks for its token in it."""
    cookie = site.ask("/sign-in/").headers["Set-Cookie"].partition(";")[0]
    with ExitStack() as stack:
        slow = [stack.enter_context(site.begin_post("/i18n/setlang/", 1_000, Cookie=cookie)) for _ in range(SLOW)]
        assert [site.ask("/reports/wakeup/").status for _ in range(5)] == [302] * 5
        assert [one.recv(100)[:13] for one in slow] == [b""] * SLOW


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(site: Site) -> None:
    for path, length in (("/sign-in/", 300 * MIB), ("/concentrators/upload/", 102 * MIB), ("/", 4 * MIB)):
        with site.begin_post(path, length) as connected:
            assert connected.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_file_as_long_as_the_product_takes_it_reaches_the_product(site: Site) -> None:
    length = 4 * MIB
    with site.begin_post("/concentrators/upload/", length) as connected:
        connected.sendall(b"a" * (length - 1))
        assert connected.recv(100).startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 302 "))


def test_a_flood_of_sign_ins_is_slowed_and_other_pages_are_not(site: Site) -> None:
    found = [site.ask("/sign-in/").status for _ in range(40)]
    assert found[:10] == [200] * 10
    assert 429 in found
    assert site.ask("/reports/wakeup/").status == 302
