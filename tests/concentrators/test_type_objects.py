"""Which objects a type of concentrator has, in the admin site (CFG-2, STA-11)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import ConcentratorType
from tests.concentrators.rules import errors, save
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LOG = "power_log_object"
OTHER = "0-1:99.97.0.255"


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


def saved(client: Client, of_type: ConcentratorType, **sent: str) -> ConcentratorType:
    assert not errors(save(client, of_type, **sent))
    of_type.refresh_from_db()
    return of_type


def test_a_type_keeps_the_log_of_cerco1_unless_it_is_told() -> None:
    assert ConcentratorTypeFactory.create(name="SMR").power_log_object == "1-0:99.97.0.255"


def test_another_log_or_none_is_entered_and_what_is_not_sent_stays(client: Client) -> None:
    smr = ConcentratorTypeFactory.create(name="SMR")
    assert saved(client, smr, **{LOG: OTHER}).power_log_object == OTHER
    assert saved(client, smr).power_log_object == OTHER
    assert saved(client, smr, **{LOG: ""}).power_log_object == ""
    assert saved(client, smr).power_log_object == ""


def test_an_object_that_every_device_has_is_cerco1s_if_it_is_empty(client: Client) -> None:
    smr = ConcentratorTypeFactory.create(name="SMR", push_setup=OTHER)
    assert saved(client, smr).push_setup == OTHER
    assert saved(client, smr, push_setup="").push_setup == "0-1:25.9.0.255"


@pytest.mark.parametrize("wrong", ["1-0:99.97.0", "1-0:99.97.0.256", "log", "1-0:99.97.0.255 "])
def test_what_is_no_logical_name_is_refused(client: Client, wrong: str) -> None:
    smr = ConcentratorTypeFactory.create(name="SMR")
    page = save(client, smr, **{LOG: wrong}).content.decode()
    smr.refresh_from_db()
    assert smr.power_log_object == "1-0:99.97.0.255"
    assert wrong.endswith(" ") or "A logical name is like 0-1:25.9.0.255." in page
