"""Addresses of peers as they are shown."""

from __future__ import annotations

import pytest

from wakeup.listener.connections.addresses import plain_address


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::1", "::1"),
    ],
)
def test_an_address_is_shown_plainly(host: str, shown: str) -> None:
    assert plain_address(host) == shown
