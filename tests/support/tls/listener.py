"""A real listener with a port for TLS as well."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.listener import Listener, running_listener
from tests.support.processes import free_port
from tests.support.tls.certificates import Authority, Pair


@dataclass(frozen=True)
class TlsListener:
    plain: Listener
    port: int
    authority: Authority
    own: Pair

    def context(self, shown: Pair | None = None) -> ssl.SSLContext:
        """What a concentrator connects with, that shows the certificate ``shown``."""
        context = ssl.create_default_context(cafile=self.authority.file)
        context.check_hostname = False
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        return context


@contextmanager
def running_tls_listener(folder: Path, *arguments: str, database: str = "") -> Iterator[TlsListener]:
    """Its clients may show certificates."""
    authority, port = Authority(folder), free_port()
    own = authority.certify("listener.example")
    files = {
        "LISTENER_TLS_CERTIFICATE": str(own.certificate),
        "LISTENER_TLS_KEY": str(own.key),
        "LISTENER_TLS_CLIENT_CA": str(authority.file),
        "LISTENER_TLS_CLIENT": "optional",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in files.items():
            environment.setenv(name, value)
        with running_listener("--tls-port", str(port), *arguments, database=database) as plain:
            yield TlsListener(plain, port, authority, own)
