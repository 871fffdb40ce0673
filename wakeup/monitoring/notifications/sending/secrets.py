"""The secrets that webhooks are signed with: encrypted at rest with CONFIGURATION_KEYS, and shown once."""

from __future__ import annotations

from concentrators.keys.encryption import decrypted, encrypted
from wakeup.models import Receiver
from wakeup.monitoring.notifications.sending.signing import new_secret


def make_secret(receiver: Receiver) -> str:
    """Give ``receiver`` a new secret, and return it; nobody can read it later. Raises NoKeyError."""
    secret = new_secret()
    receiver.encrypted_secret = encrypted(secret.encode())
    receiver.save(update_fields=["encrypted_secret"])
    return secret


def secret_of(receiver: Receiver) -> str:
    """Empty if it has none. Raises NoKeyError if no key decrypts it."""
    return decrypted(receiver.encrypted_secret).decode() if receiver.encrypted_secret else ""


def rotate_secrets() -> int:
    """Encrypt all of them with the first key; return how many. Raises NoKeyError at one that no key fits."""
    count = 0
    for receiver in Receiver.objects.exclude(encrypted_secret=""):
        text = encrypted(secret_of(receiver).encode())
        count += Receiver.objects.filter(pk=receiver.pk, encrypted_secret=receiver.encrypted_secret).update(
            encrypted_secret=text
        )
    return count
