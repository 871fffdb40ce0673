"""The listeners that run or ran: each leaves a heartbeat (LIS-7)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _l


class WaitsFor(models.IntegerChoices):
    """What a transaction waits for that takes much longer than any should."""

    NOTHING = 0, _l("does not wait")
    #: The commit is on the disk of the primary, and no standby has confirmed it.
    STANDBY = 1, _l("waits for a standby")
    DATABASE = 2, _l("waits for the database")


class ListenerRunQuerySet(models.QuerySet["ListenerRun"]):
    def alive(self, now: datetime) -> ListenerRunQuerySet:
        return self.filter(ended_at__isnull=True, seen_at__gt=now - ListenerRun.SILENT_AFTER)


class ListenerRun(models.Model):
    """One listener process from its start to its end, or to its last heartbeat if it was killed.

    The rows also say at what times any listener was running (STA-4).
    """

    BEAT = timedelta(seconds=5)
    SILENT_AFTER = 3 * BEAT
    #: When its certificate for TLS will end within this time somebody has to act (SEC-4).
    CERTIFICATE_WARNS_BEFORE = timedelta(days=30)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(_l("host"), max_length=255, help_text=_l("The machine's name."))
    process_id = models.PositiveIntegerField(_l("process id"))
    address = models.CharField(_l("address"), max_length=255, help_text=_l("On which it listens."))
    port = models.PositiveIntegerField(_l("port"))
    tls_port = models.PositiveIntegerField(_l("port for TLS"), null=True)
    #: Null without TLS.
    certificate_ends_at = models.DateTimeField(_l("its certificate ends"), null=True)
    started_at = models.DateTimeField(_l("since"))
    seen_at = models.DateTimeField(_l("last seen"))
    ended_at = models.DateTimeField(_l("ended"), null=True)
    messages_per_s = models.FloatField(_l("messages per second"), default=0)
    queue = models.PositiveIntegerField(_l("queue"), default=0)
    connections = models.PositiveIntegerField(_l("connections"), default=0)
    #: Stored since it started.
    message_count = models.PositiveBigIntegerField(_l("messages"), default=0)
    #: Datagrams that came when the queue was full.
    dropped = models.PositiveBigIntegerField(_l("dropped datagrams"), default=0)
    #: With a default in the database, for listeners that do not know it yet.
    waits_for = models.PositiveSmallIntegerField(
        _l("waits"), choices=WaitsFor.choices, default=WaitsFor.NOTHING, db_default=WaitsFor.NOTHING
    )

    objects = ListenerRunQuerySet.as_manager()

    class Meta:
        verbose_name = _l("listener")
        verbose_name_plural = _l("listeners")
        ordering = ["-seen_at", "pk"]
        indexes = [models.Index(fields=["-seen_at"], name="listener_run_by_time")]

    def __str__(self) -> str:
        return f"{self.host}:{self.port} ({self.process_id})"
