"""Addresses of peers: as they are shown, and in lists of networks."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from wakeup.listener.connections.addresses import is_listed, plain_address


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


@pytest.mark.parametrize(
    ("address", "listed"),
    [("10.1.255.255", True), ("10.2.0.0", False), ("2001:db8::1", True), ("2001:db9::1", False)],
)
def test_an_address_is_listed_by_its_network_of_the_same_version(address: str, listed: bool) -> None:
    assert is_listed(address, [ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")]) is listed
    assert not is_listed(address, [])
