"""Where the writer connects to: fixed or as last heard, never outside of the networks (CFG-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from concentrators.configuration.addresses import Address, address_of
from concentrators.models import Concentrator, Configuration, ConfigurationState, Failure, ManagementAddress
from tests.concentrators.configuration.devices import configuration_of, device_of, heard, installed, meet

AS_LAST_HEARD = ManagementAddress.AS_LAST_HEARD


def concentrator(management_ip: str | None, management_address: str) -> Concentrator:
    return Concentrator(management_ip=management_ip, management_port=4060, management_address=management_address)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "management_ip", "heard_from", "expected"),
    [
        ("fixed", "127.1.1.1", "127.2.2.2", Address("127.1.1.1", 4060, None)),
        ("fixed", "127.1.1.1", None, Address("127.1.1.1", 4060, None)),
        ("fixed", "10.1.1.1", "127.2.2.2", Address("10.1.1.1", 4060, Failure.OUTSIDE)),
        ("fixed", None, "127.2.2.2", Address("", 4060, Failure.NO_ADDRESS)),
        ("as last heard", "127.1.1.1", "127.2.2.2", Address("127.2.2.2", 4060, None)),
        ("as last heard", "127.1.1.1", "192.0.2.9", Address("192.0.2.9", 4060, Failure.OUTSIDE)),
        ("as last heard", "127.1.1.1", "2001:db8::9", Address("2001:db8::9", 4060, Failure.OUTSIDE)),
        ("as last heard", "127.1.1.1", None, Address("", 4060, Failure.NOT_HEARD)),
    ],
)
def test_the_address_is_the_fixed_one_or_that_of_the_last_wakeup(
    kind: str, management_ip: str | None, heard_from: str | None, expected: Address
) -> None:
    assert address_of(concentrator(management_ip, kind), heard_from) == expected


@pytest.mark.one_database
def test_without_networks_nothing_is_within(settings: Any) -> None:
    settings.WRITER_NETWORKS = []
    assert address_of(concentrator(None, "as last heard"), "127.0.0.1").refusal == Failure.OUTSIDE


@pytest.mark.django_db(transaction=True)
def test_the_writer_meets_the_device_where_it_was_last_heard() -> None:
    (one,) = installed(management_address=AS_LAST_HEARD)
    heard(one, timezone.now(), "127.77.0.1")
    device = device_of(one)
    Concentrator.objects.update(management_ip=None)
    meet({one: device})
    assert configuration_of(one).state == ConfigurationState.WRITTEN


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("source_ip", "failure"), [(None, Failure.NOT_HEARD), ("192.0.2.9", Failure.OUTSIDE)])
def test_a_message_from_elsewhere_leads_the_writer_nowhere(source_ip: str | None, failure: Failure) -> None:
    (one,) = installed(management_address=AS_LAST_HEARD)
    if source_ip:
        heard(one, timezone.now(), source_ip)
    assert meet({one: device_of(one)}) == []
    assert (configuration_of(one).failure, configuration_of(one).unreachable_since) == (failure, None)
    assert Configuration.objects.filter(values__isnull=False).count() == 0
