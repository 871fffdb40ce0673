"""Frames that belong to no concentrator of ours: counted, bounded, never lost silently (LIS-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _l

MAX_STRAY_SENDERS = 10_000  # that are listed, and as many that are ignored
MAX_OF_NETWORK = MAX_STRAY_SENDERS // 20  # of those that are listed
MAX_SENDER = 39  # characters, as many as an address has
MAX_DETAIL = 200
#: What came in a file, and so from no address. All of it shares the places of one network.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing is bound to it


class StrayReason(models.TextChoices):
    UNKNOWN = "unknown", _l("unknown serial number")
    REMOVED = "removed", _l("removed from the field")
    MALFORMED = "malformed", _l("malformed frame")
    CIPHERED = "ciphered", _l("ciphered, no key for it here")
    PROTECTION = "protected", _l("ciphered in a way that is not read")
    TAG = "tag", _l("ciphered, does not fit its keys")
    REPLAY = "replay", _l("ciphered, sent before")
    PLAIN = "plain", _l("not ciphered")
    JUNK = "junk", _l("junk before a frame")
    NAMELESS = "nameless", _l("no valid device id")
    NETWORK = "network", _l("refused: not from its network")
    IDENTITY = "identity", _l("names another device than its sender")
    TLS = "tls", _l("no TLS session")


#: Of concentrators that have keys.
OF_KEYED_SENDERS = frozenset(
    {StrayReason.PROTECTION, StrayReason.TAG, StrayReason.REPLAY, StrayReason.IDENTITY, StrayReason.PLAIN}
)


@dataclass(frozen=True, slots=True)
class Stray:
    """One or more frames of a sender: a serial number, system title or other identity, or else an address.

    ``connections``: how many connections or datagrams lie behind a sender that is an address; the first stray of a
    connection brings 1, further ones 0.
    """

    reason: StrayReason
    sender: str
    at: datetime
    source_ip: str
    raw: bytes
    detail: str = ""
    count: int = 1
    first_at: datetime | None = None  # of several; else the same as `at`
    connections: int = 0


class StrayFrameQuerySet(models.QuerySet["StrayFrame"]):
    def listed(self) -> StrayFrameQuerySet:
        """Those that take one of MAX_STRAY_SENDERS places: neither ignored nor the sum of those without a place."""
        return self.filter(ignored=False).exclude(sender=StrayFrame.OTHERS)

    def ignore(self) -> int:
        """Ignore them, and say how many. Of all that are ignored the newest MAX_STRAY_SENDERS are remembered."""
        with transaction.atomic():
            count = self.filter(ignored=False).update(ignored=True)
            ignored = StrayFrame.objects.filter(ignored=True).order_by("-last_at", "-pk")
            too_many = list(ignored.values_list("pk", flat=True)[MAX_STRAY_SENDERS:])
            StrayFrame.objects.filter(pk__in=too_many).delete()
        return count


class StrayFrame(models.Model):
    OTHERS = "(others)"

    reason = models.CharField(_l("reason"), max_length=9, choices=StrayReason)
    sender = models.CharField(
        _l("sender"), max_length=MAX_SENDER, help_text=_l("Serial number, or address if it has none.")
    )
    detail = models.CharField(_l("detail"), max_length=MAX_DETAIL, blank=True)
    first_at = models.DateTimeField(_l("first"))
    last_at = models.DateTimeField(_l("last"))
    count = models.PositiveBigIntegerField(_l("count"))
    # Known to the database, too: listeners of the version before go on writing until they are restarted.
    connections = models.PositiveIntegerField(_l("connections"), default=0, db_default=0)
    source_ip = models.GenericIPAddressField(_l("last IP address"))
    network = models.CharField(_l("network"), max_length=43, db_default="", help_text=_l("Around the last IP address."))
    last_bytes = models.BinaryField(_l("last bytes"))
    ignored = models.BooleanField(_l("ignored"), default=False)

    objects = StrayFrameQuerySet.as_manager()

    class Meta:
        verbose_name = _l("stray frame")
        verbose_name_plural = _l("stray frames")
        ordering = ["-last_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["reason", "sender"], name="one_row_a_stray_sender")]

    def __str__(self) -> str:
        return f"{self.sender} ({self.get_reason_display()})"

    @property
    def address(self) -> str:
        """Where it came from last; empty if from a file."""
        return "" if self.source_ip == NO_ADDRESS else self.source_ip
