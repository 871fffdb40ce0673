"""Which simulated concentrators have keys, and who may configure them (SEC-3, SIM-2)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from concentrators.models import Concentrator, ConcentratorType, DeviceKeys
from concentrators.simulator.ciphering.inventory import cipherings_of
from concentrators.simulator.ciphering.pushes import Ciphering
from concentrators.simulator.devices import Device, devices_of
from concentrators.simulator.faults import Faults
from concentrators.simulator.inventory import installations
from concentrators.simulator.serving import DeviceServer
from smmeplus.dlms.access.ciphered_client import CipheredClient
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.errors import AssociationRefusedError
from smmeplus.dlms.access.protection import Security
from tests.concentrators.configuration.ciphered.keyed import KEYS, OTHERS, give_keys, title_of
from tests.concentrators.configuration.devices import installed
from tests.factories import ConcentratorFactory
from tests.smmeplus.dlms.access.device import talk

CERCO1 = ConcentratorType(name="CERCO1")
TITLE, OURS = b"EPL00042", b"SMM00001"


@pytest.fixture
def ones(settings: Any) -> list[Concentrator]:
    """Of one company, all in field."""
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    return installed(3)


@pytest.mark.django_db
def test_each_has_the_keys_of_the_inventory_and_only_of_its_company(ones: list[Concentrator]) -> None:
    company = ones[0].company
    give_keys(ConcentratorFactory.create())
    for one in ones[:2]:
        give_keys(one)
    DeviceKeys.objects.filter(pk=ones[1].pk).update(ciphered_only=False)
    found = cipherings_of(company.pk)
    assert {key: (one.security.title, one.security.keys, one.ciphered_only) for key, one in found.items()} == {
        ones[0].pk: (bytes.fromhex(title_of(ones[0].pk)), KEYS, True),
        ones[1].pk: (bytes.fromhex(title_of(ones[1].pk)), KEYS, False),
    }
    have = [place.device.ciphering is not None for place in devices_of(company.pk)]
    assert have == [one.ciphering is not None for one in installations(company.pk)] == [True, True, False]
    assert all(place.installation.ciphering is place.device.ciphering for place in devices_of(company.pk))


@pytest.mark.django_db
def test_keys_that_nobody_can_decrypt_are_none(ones: list[Concentrator], settings: Any) -> None:
    give_keys(ones[0])
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    assert cipherings_of(ones[0].company.pk) == {}


def server(*, ciphered_only: bool, password: bytes | None = None, refuses: bool = False) -> DeviceServer:
    ciphering = Ciphering(KEYS, TITLE, ciphered_only=ciphered_only)
    return DeviceServer(Device("EPL1", CERCO1, {}, password, Faults(refuses=refuses), ciphering=ciphering))


def with_keys(keys: Any = KEYS) -> CipheredClient:
    return CipheredClient(Security(keys, OURS, TITLE, iter(range(1, 50))))


def test_who_knows_the_keys_may_configure_it_and_nobody_else_where_that_is_so() -> None:
    talk(with_keys().associate(), server(ciphered_only=True).receive)
    for stranger in (Client(), Client(b"S3cr3t-9"), with_keys(OTHERS)):
        with pytest.raises(AssociationRefusedError):
            talk(stranger.associate(), server(ciphered_only=True).receive)
    talk(Client(b"S3cr3t-9").associate(), server(ciphered_only=False, password=b"S3cr3t-9").receive)


def test_one_that_refuses_everybody_also_refuses_the_keys() -> None:
    with pytest.raises(Exception, match="exception-response"):
        talk(with_keys().associate(), server(ciphered_only=True, refuses=True).receive)
