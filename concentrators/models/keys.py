"""The keys of ciphered messages, one pair for each concentrator that has them (SEC-3)."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator

#: The counter of a key stops there and never wraps (SEC-3): 32 bits.
LAST_COUNTER = 0xFFFFFFFF
SYSTEM_TITLE = RegexValidator(r"\A[0-9A-F]{16}\Z", _l("A system title is 16 hexadecimal digits."))


class DeviceKeysQuerySet(models.QuerySet["DeviceKeys"]):
    def visible_to(self, user: AnyUser) -> DeviceKeysQuerySet:
        return self if sees_all(user) else self.filter(concentrator__company__in=Company.objects.visible_to(user))


class DeviceKeys(models.Model):
    """The global unicast encryption key and the authentication key of one concentrator, each encrypted at rest.

    They are shown nowhere: in no page, history, export, log or API. Counters are invocation counters of suite 0, of 32
    bits: nothing is ciphered or accepted twice with one of them under the same key. A new unicast key begins anew; one
    that was there before goes on from where it was (``UsedKey``).
    """

    concentrator = models.OneToOneField(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="device_keys",
    )
    #: Who it is in a ciphered message: 8 bytes, the first three the maker's letters (IEC 62056-5-3).
    system_title = models.CharField(_l("system title"), max_length=16, unique=True, validators=[SYSTEM_TITLE])
    encrypted_unicast_key = models.TextField(editable=False)
    encrypted_authentication_key = models.TextField(editable=False)
    ciphered_only = models.BooleanField(
        _l("ciphered only"),
        default=False,
        db_default=False,
        help_text=_l("Messages of it that are not ciphered are refused."),
    )
    changed_at = models.DateTimeField(_l("keys changed at"))
    #: Of the last message accepted; None until there is one. The first one may bring any counter.
    accepted_counter = models.BigIntegerField(_l("last counter accepted"), null=True, editable=False)
    #: SHA-256 of that message, by which its repetition is known from a replay.
    accepted_digest = models.BinaryField(max_length=32, null=True, editable=False)
    accepted_at = models.DateTimeField(_l("last ciphered message at"), null=True, editable=False)
    #: The next counter that we cipher with under these keys; raised in the database before it is used.
    own_counter = models.BigIntegerField(default=1, db_default=1, editable=False)
    #: Whose title and policy were what; that keys were changed is told by the time alone.
    history = HistoricalRecords(
        excluded_fields=[
            "encrypted_unicast_key",
            "encrypted_authentication_key",
            "accepted_counter",
            "accepted_digest",
            "accepted_at",
            "own_counter",
        ],
        no_db_index=["system_title"],
    )

    objects = DeviceKeysQuerySet.as_manager()

    class Meta:
        verbose_name = _l("keys of a concentrator")
        verbose_name_plural = _l("keys of concentrators")

    def __str__(self) -> str:
        return self.system_title


class UsedKey(models.Model):
    """A unicast key that is or once was in use, by its digest: no counter of it comes twice (SEC-3).

    Without this a key that is removed and entered again, or that two concentrators have, would let old messages in
    again, and we would cipher two messages with one nonce.
    """

    #: ``concentrators.keys.rules.digest_of``, in hexadecimal digits.
    digest = models.CharField(max_length=64, primary_key=True)
    device = models.OneToOneField(DeviceKeys, on_delete=models.SET_NULL, null=True, related_name="used_key")
    #: Where the counters were when it was replaced or removed; None while it is in use, and for good if its
    #: concentrator was deleted meanwhile.
    own_counter = models.BigIntegerField(null=True)
    accepted_counter = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _l("used key")
        verbose_name_plural = _l("used keys")

    def __str__(self) -> str:
        return self.digest
