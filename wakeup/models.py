"""Messages and their counters (LIS-1, REP-2, REP-3), and what nobody could be made responsible for (LIS-6)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, Concentrator
from smmeplus.dlms.kinds import Kind

KIND_CHOICES = [(kind.value, kind.word) for kind in Kind]


class Format(models.IntegerChoices):
    """The format in which a message came (section 6 of the specification)."""

    PUSH = 1, _l("DataNotification, push setup")
    CONCENTRATOR = 2, _l("DataNotification, concentrator")
    EVENT = 3, _l("EventNotification")
    TELEGRAM = 4, _l("text telegram")
    IMPORT = 5, _l("import")


class OfConcentratorQuerySet(models.QuerySet[models.Model]):
    """Rows that belong to a concentrator."""

    def visible_to(self, user: AnyUser) -> OfConcentratorQuerySet:
        """Those of the companies that ``user`` belongs to (ACC-1)."""
        return self.filter(concentrator__company__in=Company.objects.visible_to(user))


class Message(models.Model):
    """A message as it came in. Never updated; the counters below are written in the same transaction."""

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.DO_NOTHING,
        # Its totals row, written with every message, holds the constraint; 58 million messages a day need not repeat it.
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    kind = models.PositiveSmallIntegerField(_l("kind"), choices=KIND_CHOICES)
    received_at = models.DateTimeField(_l("received at"))
    device_time = models.DateTimeField(_l("device time"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"))
    port = models.PositiveIntegerField(_l("port"), help_text=_l("That of the listener."))
    format = models.PositiveSmallIntegerField(_l("format"), choices=Format)

    class Meta:
        verbose_name = _l("message")
        verbose_name_plural = _l("messages")
        indexes = [
            models.Index(fields=["concentrator", "received_at"], name="message_by_concentrator"),
            models.Index(fields=["received_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%Y-%m-%d %H:%M:%S}"


class WakeupTotal(models.Model):
    """First, last and number of a concentrator's wake-ups ever. A counter: never an aggregate over messages."""

    concentrator = models.OneToOneField(
        Concentrator, verbose_name=_l("concentrator"), on_delete=models.PROTECT, primary_key=True, related_name="total"
    )
    first_wakeup_at = models.DateTimeField(_l("first wake up"), null=True)
    last_wakeup_at = models.DateTimeField(_l("last wake up"), null=True)
    wakeup_count = models.PositiveBigIntegerField(_l("wake up count"), default=0)
    last_gasp_at = models.DateTimeField(_l("last gasp"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"), null=True, help_text=_l("That of the last wake-up."))
    port = models.PositiveIntegerField(_l("port"), null=True)

    objects = OfConcentratorQuerySet.as_manager()

    class Meta:
        verbose_name = _l("wake-up total")
        verbose_name_plural = _l("wake-up totals")

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.wakeup_count}"


class DailyCount(models.Model):
    """The number of a concentrator's wake-ups on one reporting day (REP-3, REP-5)."""

    pk = models.CompositePrimaryKey("concentrator_id", "day")
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.PROTECT,
        db_index=False,
        related_name="daily_counts",
    )
    day = models.DateField(_l("date"))
    wakeup_count = models.PositiveIntegerField(_l("daily msg count"))
    last_wakeup_at = models.DateTimeField(_l("last wake up"))
    source_ip = models.GenericIPAddressField(_l("IP address"), help_text=_l("That of the day's last wake-up."))

    objects = OfConcentratorQuerySet.as_manager()

    class Meta:
        verbose_name = _l("wake-ups of a day")
        verbose_name_plural = _l("wake-ups per day")
        indexes = [models.Index(fields=["day", "concentrator"], name="daily_count_by_day")]

    def __str__(self) -> str:
        return f"{self.concentrator_id} {self.day}: {self.wakeup_count}"


class CountingZone(models.Model):
    """The zone at whose midnight a company's days *are* cut, which `rebuildcounts` alone changes (REP-5).

    The settings say how they *should* be cut. While the two differ the counters stay consistent, because
    every writer reads this row inside its transaction.
    """

    company = models.OneToOneField(Company, on_delete=models.CASCADE, primary_key=True, related_name="counting_zone")
    time_zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.time_zone


class Reason(models.TextChoices):
    """Why a frame could not be recorded as the message of a concentrator in the inventory."""

    UNKNOWN = "unknown", _l("unknown serial number")
    REMOVED = "removed", _l("removed from the field")
    MALFORMED = "malformed", _l("malformed frame")


class StrayFrame(models.Model):
    """Frames of one sender that belong to no concentrator of ours: counted, bounded, never lost silently (LIS-6)."""

    OTHERS = "(others)"  # the sender of what came when the table was full

    reason = models.CharField(_l("reason"), max_length=9, choices=Reason)
    sender = models.CharField(_l("sender"), max_length=39, help_text=_l("Serial number, or address if it has none."))
    detail = models.CharField(_l("detail"), max_length=200, blank=True)
    first_at = models.DateTimeField(_l("first"))
    last_at = models.DateTimeField(_l("last"))
    count = models.PositiveBigIntegerField(_l("count"))
    source_ip = models.GenericIPAddressField(_l("last IP address"))
    last_bytes = models.BinaryField(_l("last bytes"))
    ignored = models.BooleanField(_l("ignored"), default=False)

    class Meta:
        verbose_name = _l("stray frame")
        verbose_name_plural = _l("stray frames")
        ordering = ["-last_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["reason", "sender"], name="one_row_a_stray_sender")]

    def __str__(self) -> str:
        return f"{self.sender} ({self.get_reason_display()})"
