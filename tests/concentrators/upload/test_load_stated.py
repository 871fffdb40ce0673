"""A preview states the load that writing the file would add (CFG-4)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import Company, Concentrator
from tests.concentrators.upload.test_upload import confirm, previewed
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import client_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.mark.django_db(transaction=True)
def test_of_rows_that_are_installed_or_get_another_profile(client: Client, chile: Company) -> None:
    minute = SpontaneousProfileFactory.create(name="Minute", wakeup_period=1)
    ConcentratorFactory.create(company=chile, serial_number="F1", in_field=True, profile=minute)
    ConcentratorFactory.create(company=chile, serial_number="F2", in_field=True, profile=minute)
    SpontaneousProfileFactory.create(name="Two", wakeup_period=2)
    url = previewed(client, chile, b"serial_number,profile\nA1,Minute\nF1,Two\nF2,\nB1,\n")
    page = client.get(url).content.decode()
    assert "Wake-ups of this company: 0.033 → 0.042 messages a second." in page
    assert "The largest burst: 2 first wake-ups, as soon as a whole wave is written." in page
    assert "This is stated for the procedure profile “At once”." in page
    confirm(client, url)
    assert Concentrator.objects.get(serial_number="F1").profile.name == "Two"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_changes_no_profile_states_none(client: Client, chile: Company) -> None:
    page = client.get(previewed(client, chile, b"serial_number\nA1\n")).content.decode()
    assert "messages a second" not in page
