"""Keys of ciphered messages at rest: entered, changed, removed, and no counter of a key comes twice (SEC-3)."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from concentrators.keys.encryption import NoKeyError
from concentrators.keys.storing import (
    GivenKeys,
    KeysChange,
    keys_of,
    remove_keys,
    set_ciphered_only,
    set_keys,
    store_all,
)
from concentrators.models import LAST_COUNTER, Concentrator, DeviceKeys, UsedKey
from smmeplus.common.audit import changes_of
from smmeplus.logs import SECURITY
from tests.factories import CompanyFactory, ConcentratorFactory, UserFactory

pytestmark = pytest.mark.django_db

TITLE, OTHER_TITLE = "4170530000000001", "4170530000000002"
UNICAST, AUTHENTICATION, OTHER, THIRD = (bytes(range(first, first + 16)) for first in (0, 16, 32, 48))
NOW = timezone.now()


@pytest.fixture
def one(settings: Any) -> Concentrator:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    return ConcentratorFactory.create(serial_number="A1", company=CompanyFactory.create(name="Chile"))


def enter(one: Concentrator, unicast: bytes = UNICAST, authentication: bytes = AUTHENTICATION, **how: Any) -> bool:
    title = how.pop("title", TITLE)
    return set_keys(one, title, unicast, authentication, user=how.get("user"), now=how.get("now", NOW))


def stored() -> DeviceKeys:
    return DeviceKeys.objects.get()


def use(own: int = 500, accepted: int = 900) -> None:
    DeviceKeys.objects.update(own_counter=own, accepted_counter=accepted, accepted_digest=b"d" * 32, accepted_at=NOW)


def counters() -> tuple[int, int | None]:
    row = stored()
    return row.own_counter, row.accepted_counter


def test_keys_are_stored_encrypted_and_read_again(one: Concentrator) -> None:
    assert enter(one)
    row = stored()
    assert keys_of(row) == (UNICAST, AUTHENTICATION)
    assert (row.system_title, row.changed_at, *counters()) == (TITLE, NOW, 1, None)
    seen = str(DeviceKeys.objects.values_list()[0]).upper()
    assert UNICAST.hex().upper() not in seen
    assert repr(UNICAST)[2:-1].upper() not in seen


def test_the_same_keys_again_change_nothing(one: Concentrator) -> None:
    enter(one)
    use()
    assert not enter(one, now=NOW + timedelta(days=1))
    assert (*counters(), stored().changed_at) == (500, 900, NOW)
    assert DeviceKeys.history.count() == 1


def test_a_new_unicast_key_takes_any_counter_and_ours_never_falls(one: Concentrator) -> None:
    """A process that has not heard of the change may cipher with the key before for some seconds."""
    enter(one)
    use()
    assert enter(one, unicast=OTHER)
    assert counters() == (500, None)
    assert (stored().accepted_digest, stored().accepted_at) == (None, None)


@pytest.mark.one_database
def test_ours_begins_anew_before_it_runs_out(one: Concentrator) -> None:
    enter(one)
    use(own=LAST_COUNTER)
    enter(one, unicast=OTHER)
    assert counters() == (1, None)


@pytest.mark.one_database
def test_another_title_or_authentication_key_alone_keeps_the_counters(one: Concentrator) -> None:
    enter(one)
    use()
    assert enter(one, title=OTHER_TITLE)
    assert enter(one, authentication=OTHER)
    assert keys_of(stored()) == (UNICAST, OTHER)
    assert counters() == (500, 900)


def test_a_key_that_comes_back_goes_on_from_where_it_was(one: Concentrator) -> None:
    enter(one)
    use(own=500, accepted=900)
    enter(one, unicast=OTHER)
    use(own=700, accepted=20)
    enter(one)
    assert counters() == (700, 900)
    remove_keys(one, user=None, now=NOW)
    assert not DeviceKeys.objects.exists()
    enter(one, unicast=OTHER)
    assert counters() == (700, 20)


def test_one_that_was_removed_may_go_to_another_concentrator(one: Concentrator) -> None:
    enter(one)
    use()
    remove_keys(one, user=None, now=NOW)
    enter(ConcentratorFactory.create(), title=OTHER_TITLE)
    assert counters() == (500, 900)


def test_two_concentrators_do_not_share_a_key_or_a_title(one: Concentrator) -> None:
    enter(one)
    other = ConcentratorFactory.create(company=one.company)
    with pytest.raises(ValidationError, match="Another concentrator has this unicast key"):
        enter(other, title=OTHER_TITLE)
    with pytest.raises(ValidationError, match="A1 has this system title"):
        enter(other, unicast=OTHER)
    with pytest.raises(ValidationError, match="of another company") as told:
        enter(ConcentratorFactory.create(company=CompanyFactory.create()), unicast=OTHER)
    assert "A1" not in str(told.value)
    assert DeviceKeys.objects.count() == UsedKey.objects.count() == 1


def test_two_of_one_change_do_not_either(one: Concentrator) -> None:
    other = ConcentratorFactory.create()
    given = {one.pk: GivenKeys.of(TITLE, UNICAST, OTHER), other.pk: GivenKeys.of(OTHER_TITLE, UNICAST, THIRD)}
    with pytest.raises(ValidationError, match="Another concentrator"), transaction.atomic():
        store_all(given, KeysChange("file", user=None, now=NOW))
    given[other.pk] = GivenKeys.of(TITLE, OTHER, THIRD)
    with pytest.raises(IntegrityError), transaction.atomic():
        store_all(given, KeysChange("file", user=None, now=NOW))
    assert not DeviceKeys.objects.exists()


@pytest.mark.one_database
def test_a_key_of_a_deleted_concentrator_does_not_come_back(one: Concentrator) -> None:
    enter(one)
    one.delete()
    assert not DeviceKeys.objects.exists()
    assert DeviceKeys.history.first().history_type == "-"
    with pytest.raises(ValidationError, match="was deleted"):
        enter(ConcentratorFactory.create())


@pytest.mark.one_database
def test_lost_environment_keys_do_not_make_the_counters_begin_anew(one: Concentrator, settings: Any) -> None:
    enter(one)
    use()
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(NoKeyError):
        keys_of(stored())
    assert enter(one)
    assert keys_of(stored()) == (UNICAST, AUTHENTICATION)
    assert counters() == (500, 900)


@pytest.mark.one_database
def test_without_environment_keys_nothing_is_taken(one: Concentrator, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    with pytest.raises(NoKeyError, match="CONFIGURATION_KEYS is not set"):
        enter(one)


def test_ciphered_only_is_for_those_with_keys(one: Concentrator) -> None:
    with pytest.raises(ValidationError, match="has no keys yet"):
        set_ciphered_only(one, True, user=None, now=NOW)
    enter(one)
    use()
    assert set_ciphered_only(one, True, user=None, now=NOW)
    assert not set_ciphered_only(one, True, user=None, now=NOW)
    assert stored().ciphered_only
    assert counters() == (500, 900)
    enter(one, unicast=OTHER)
    assert stored().ciphered_only


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("title", "unicast", "authentication"),
    [("41", UNICAST, OTHER), (TITLE, UNICAST[:15], OTHER), (TITLE, bytes(16), OTHER), (TITLE, UNICAST, UNICAST)],
)
def test_what_may_not_be_is_not_stored(one: Concentrator, title: str, unicast: bytes, authentication: bytes) -> None:
    with pytest.raises(ValidationError):
        enter(one, unicast, authentication, title=title)
    assert not DeviceKeys.objects.exists()


def test_the_history_says_who_changed_title_and_policy_and_no_key(one: Concentrator) -> None:
    user = UserFactory.create(username="ana")
    enter(one, user=user, now=NOW)
    enter(one, title=OTHER_TITLE, user=user, now=NOW + timedelta(minutes=1))
    set_ciphered_only(one, True, user=user, now=NOW + timedelta(minutes=2))
    told = changes_of(DeviceKeys(pk=one.pk))
    assert [(change.user, change.what) for change in told] == [
        ("ana", "ciphered only: false → true"),
        ("ana", f"system title: {TITLE} → {OTHER_TITLE}"),
        ("ana", "added"),
    ]
    assert told[0].action is not None
    assert told[0].action.word == "ciphered only"
    enter(one, title=OTHER_TITLE, unicast=OTHER, now=NOW + timedelta(minutes=3))
    assert changes_of(DeviceKeys(pk=one.pk))[0].what.startswith("keys changed at: ")
    assert remove_keys(one, user=user, now=NOW + timedelta(minutes=4))
    assert not remove_keys(one, user=user, now=NOW + timedelta(minutes=5))
    assert changes_of(DeviceKeys(pk=one.pk))[0].what == "deleted"


@pytest.mark.one_database
def test_the_security_log_has_a_line_for_each_change_and_no_key(
    one: Concentrator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        enter(one, user=UserFactory.create(username="ana"))
        enter(one)
        enter(one, unicast=OTHER)
        set_ciphered_only(one, True, user=None, now=NOW)
        remove_keys(one, user=None, now=NOW)
    facts = [getattr(record, "facts") for record in caplog.records if record.name == SECURITY]  # noqa: B009
    assert [fact["change"] for fact in facts] == ["keys entered", "keys changed", "ciphered only", "keys removed"]
    assert (facts[0]["user"], facts[0]["concentrator"], facts[0]["concentrators"]) == ("ana", "A1", 1)
    told = json.dumps([facts, caplog.text]).upper()
    assert not any(key.hex().upper() in told for key in (UNICAST, AUTHENTICATION, OTHER))
