"""Which concentrator a certificate names (SEC-4)."""

from __future__ import annotations

import pytest

from wakeup.listener.tls.naming import serial_named


def shown(*common: str, dns: tuple[str, ...] = (), **others: str) -> dict[str, object]:
    parts = [(("commonName", name),) for name in common] + [((key, value),) for key, value in others.items()]
    return {"subject": tuple(parts), "subjectAltName": tuple(("DNS", name) for name in dns)}


@pytest.mark.parametrize(
    ("certificate", "serial"),
    [
        ({}, ""),
        (shown(), ""),
        (shown("16CEC5061003"), "16CEC5061003"),
        (shown("16cec5061003"), "16CEC5061003"),
        (shown("A-1", organizationName="B2"), "A-1"),
        (shown(organizationName="B2"), ""),
        (shown("Concentrators of Chile"), ""),
        (shown("Concentrators of Chile", dns=("A1",)), "A1"),
        (shown("A1", dns=("B2", "localhost")), "A1"),
        (shown(dns=("gateway.example", "a1", "A1")), "A1"),
        (shown(dns=("A1", "B2")), ""),
        (shown("A1", "B2"), ""),
        (shown("A1\0"), ""),
        (shown(" A1"), ""),
        (shown("A1\n"), ""),
        (shown("-A1"), ""),
        (shown("Ä1"), ""),
        (shown("A" * 32), "A" * 32),
        (shown("A" * 33), ""),
        ({"subject": (), "subjectAltName": (("email", "A1"), ("URI", "B2"))}, ""),
    ],
)
def test_the_serial_number_is_the_common_name_or_the_only_dns_name_that_is_one(
    certificate: dict[str, object], serial: str
) -> None:
    assert serial_named(certificate) == serial
