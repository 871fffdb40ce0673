"""Which concentrator a client's certificate is that of (SEC-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smmeplus.dlms.serials import is_serial


def serial_named(certificate: Mapping[str, Any]) -> str:
    """The serial number that is the common name of its subject, or else its only alternative DNS name that is one.

    Empty for a certificate that many devices share. ``certificate`` is what ``ssl`` makes of it::

        {"subject": ((("commonName", "16CEC5061003"),),), "subjectAltName": (("DNS", "16CEC5061003"),)}
    """
    common = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    alternative = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return _only_serial(common) or _only_serial(alternative)


def _only_serial(names: list[str]) -> str:
    serials = {name.upper() for name in names if is_serial(name.encode())}
    return serials.pop() if len(serials) == 1 else ""
