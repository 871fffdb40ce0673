"""What pages say of ciphered frames, and to whom (WIR-11, SEC-3, ACC-1)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Concentrator, DeviceKeys
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import parse, texts
from tests.smmeplus.users import client_of, make_operator
from tests.wakeup.ciphering.devices import KEYS, OTHER_KEYS, Device, arrivals, give_keys
from tests.wakeup.pages.frames import URL
from wakeup.models import StrayFrame, StrayReason
from wakeup.recording.recorder import record

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


def said_of(client: Client, frame: bytes) -> str:
    response = client.post(URL, {"frame": frame.hex()})
    assert response.status_code == 200
    for key in (KEYS.unicast, KEYS.authentication):
        assert key.hex() not in response.content.decode().lower().replace(" ", "")
    return " ".join(" ".join(texts(parse(response), ".//main")).split())


def test_a_frame_is_read_with_the_keys_of_its_title(client: Client, device: Device) -> None:
    said = said_of(client, device.push(Kind.BOOT))
    for word in (
        "system title 45 50 4c 00 00 00 00 01",
        "security control 30: authenticated and encrypted",
        "invocation counter 1",
        "keys read with its keys",
        "push setup, boot",
        f"A message of {device.serial}",
    ):
        assert word in said


def test_one_that_came_before_is_called_so(client: Client, device: Device) -> None:
    frame = device.push()
    record(arrivals(frame))
    assert "read with its keys, and not new: its counter is not above 1" in said_of(client, frame)
    assert DeviceKeys.objects.get().accepted_counter == 1, "to look at it changes nothing"


def test_a_tag_that_does_not_fit_is_called_so_and_shows_nothing_of_what_is_in_it(
    client: Client, in_field: Concentrator
) -> None:
    give_keys(in_field, OTHER_KEYS)
    said = said_of(client, Device(in_field.serial_number).push())
    assert "The listener refuses it: its authentication tag does not fit the keys" in said
    assert "invocation counter 1" in said
    assert "push setup" not in said


def test_another_protection_is_called_by_its_name(client: Client, device: Device) -> None:
    frame = bytearray(device.push())
    frame[19] = 0x20
    assert "it is encrypted only (20): nothing proves who sent it" in said_of(client, bytes(frame))


def test_who_does_not_see_the_concentrator_does_not_use_its_keys(device: Device) -> None:
    stranger = make_operator(CompanyFactory.create(name="Peru"), name="stranger")
    said = said_of(client_of(stranger), device.push())
    assert "system title 45504C0000000001, no key for it here" in said
    assert "invocation counter 1" in said, "which anybody may read"
    assert "push setup" not in said
    assert device.serial not in said


def test_refused_ones_are_listed_for_their_company_alone(client: Client, device: Device) -> None:
    old, new = device.push(), device.push()
    record(arrivals(new))
    record(arrivals(old))
    stray = StrayFrame.objects.get()
    assert (stray.reason, stray.sender) == (StrayReason.REPLAY, device.serial)
    address = reverse("wakeup:strays")
    assert device.serial in client.get(address).content.decode()
    stranger = client_of(make_operator(CompanyFactory.create(name="Peru"), name="stranger"))
    assert device.serial not in stranger.get(address).content.decode()
