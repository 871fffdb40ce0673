"""The secrets of webhooks: encrypted at rest, and rotated with the passwords (STA-7)."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from concentrators.keys.encryption import NoKeyError
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from wakeup.monitoring.notifications.sending.secrets import make_secret, secret_of

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


def test_a_secret_is_stored_encrypted_and_in_no_history() -> None:
    receiver = make_receiver()
    secret = make_secret(receiver)
    receiver.refresh_from_db()
    assert secret.startswith("whsec_")
    assert secret not in receiver.encrypted_secret
    assert secret_of(receiver) == secret
    assert all(not hasattr(row, "encrypted_secret") for row in receiver.history.all())


def test_one_without_a_secret_has_an_empty_one() -> None:
    assert secret_of(make_receiver()) == ""


def test_without_keys_none_is_made(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    with pytest.raises(NoKeyError):
        make_secret(make_receiver())


def test_the_keys_of_secrets_are_rotated_with_those_of_passwords(settings: Any) -> None:
    receiver, old = make_receiver(), settings.CONFIGURATION_KEYS[0]
    make_receiver()  # without a secret
    secret = make_secret(receiver)
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode(), old]
    out = StringIO()
    call_command("writeconfigurations", "--rotate-keys", stdout=out)
    assert "secrets of webhooks encrypted with it: 1" in out.getvalue()
    settings.CONFIGURATION_KEYS = settings.CONFIGURATION_KEYS[:1]
    receiver.refresh_from_db()
    assert secret_of(receiver) == secret
