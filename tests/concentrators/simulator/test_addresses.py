"""Which loopback address stands for which concentrator."""

from __future__ import annotations

import pytest

from concentrators.simulator.addresses import can_send_from, is_loopback, loopback_source


def test_the_address_ends_as_the_management_address_does() -> None:
    assert loopback_source(7, "10.60.0.10") == "127.60.0.10"


@pytest.mark.parametrize("management_ip", [None, "", "10.0.0.0", "10.255.255.255"])
def test_without_a_usable_management_address_one_is_made_up_from_the_number(management_ip: str | None) -> None:
    assert loopback_source(7, management_ip) == "127.128.0.7"


def test_made_up_addresses_of_a_whole_fleet_differ() -> None:
    assert len({loopback_source(number) for number in range(10_000)}) == 10_000


@pytest.mark.parametrize("number", [0, 2**23 - 1, 2**23, 2**24, 10**12])
def test_any_number_has_an_address_that_can_be_sent_from(number: int) -> None:
    source = loopback_source(number)
    assert is_loopback(source)
    assert can_send_from(source)


def test_a_machine_cannot_send_from_an_address_that_is_not_its_own() -> None:
    assert not can_send_from("192.0.2.1")


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("127.255.0.9", True), ("10.132.20.228", False)])
def test_loopback_is_all_of_its_network_and_nothing_else(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
