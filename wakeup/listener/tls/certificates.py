"""The certificate of a listener and of those who certify its clients, from their files (SEC-4)."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from wakeup.models import ListenerRun

log = logging.getLogger(__name__)

WARNS_EVERY: Final = timedelta(days=1)
_NO_PASSWORD: Final = ""  # instead of a question on the terminal
_REVOKED: Final = b"-----BEGIN X509 CRL-----"


class TlsFilesError(Exception):
    """A file that TLS needs is not there or wrong; the message names it and its variable."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the certificate with those between it and its root, its key, and who certifies clients, if anybody."""

    certificate: Path
    key: Path
    client_ca: Path | None = None
    requires_client: bool = True  # to show a certificate, where there is a client_ca


class Certificates:
    """What new sessions are made with. Raises TlsFilesError where that is not all there and right."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._warned_at: datetime | None = None
        self.load()

    def load(self) -> None:
        """Read the files. After a TlsFilesError all is as before; sessions that are open go on in any case."""
        self.context, self.ends_at = _read(self._files)
        self._warned_at = None
        log.info("the TLS certificate is valid until %s", self.ends_at)

    def warning(self, now: datetime) -> str:
        """That the certificate ends soon, or has ended; empty while all is well."""
        if now < self.ends_at - ListenerRun.CERTIFICATE_WARNS_BEFORE:
            return ""
        return f"the TLS certificate {'has ended' if self.ends_at <= now else 'ends'} on {self.ends_at}"

    def warn(self, now: datetime) -> None:
        """Log the warning once a day."""
        warning = self.warning(now)
        if warning and not (self._warned_at and now < self._warned_at + WARNS_EVERY):
            self._warned_at = now
            log.warning("%s: replace its files, then reload", warning)


def _read(files: TlsFiles) -> tuple[ssl.SSLContext, datetime]:
    """A context for new sessions, and when the certificate, or one between it and its root, ends."""
    chain = _chain(files.certificate)
    _check_key(files.key, chain[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    # A device that has sent and closed answers a ticket by a reset, and then repeats nothing that was lost on the way.
    context.num_tickets = 0
    try:
        context.load_cert_chain(files.certificate, files.key, _NO_PASSWORD)
    except (OSError, ssl.SSLError) as error:
        raise TlsFilesError(f"LISTENER_TLS_CERTIFICATE: {files.certificate} cannot be used: {_why(error)}.") from error
    if files.client_ca is not None:
        _trust(context, files.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if files.requires_client else ssl.CERT_OPTIONAL
    return context, min(one.not_valid_after_utc for one in chain)


def _chain(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_content("LISTENER_TLS_CERTIFICATE", path))
    except ValueError:
        raise TlsFilesError(f"LISTENER_TLS_CERTIFICATE: {path} has no certificate in PEM.") from None


def _check_key(path: Path, certificate: x509.Certificate) -> None:
    try:
        key = load_pem_private_key(_content("LISTENER_TLS_KEY", path), None)
    except (ValueError, TypeError):
        raise TlsFilesError(f"LISTENER_TLS_KEY: {path} has no key in PEM, or one with a password.") from None
    if key.public_key() != certificate.public_key():
        raise TlsFilesError(f"LISTENER_TLS_KEY: {path} is not the key of the certificate.")


def _trust(context: ssl.SSLContext, path: Path) -> None:
    """Take the clients whom ``path`` certifies, and if it has lists of those that are revoked, none of these."""
    content = _content("LISTENER_TLS_CLIENT_CA", path)
    try:
        x509.load_pem_x509_certificates(content)
        lists = [x509.load_pem_x509_crl(_REVOKED + part) for part in content.split(_REVOKED)[1:]]
        context.load_verify_locations(path)
    except (ValueError, OSError):
        raise TlsFilesError(f"LISTENER_TLS_CLIENT_CA: {path} has no certificate in PEM, or what is wrong.") from None
    if lists:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    for ends in (one.next_update_utc for one in lists):
        if ends is not None and ends < timezone.now():
            log.error("a list of revoked certificates has ended on %s: all clients of its issuer are refused", ends)


def _content(variable: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsFilesError(f"{variable}: {path} cannot be read: {error.strerror}.") from error


def _why(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error).lower().replace("_", " ")
