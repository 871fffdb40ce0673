"""The messages themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, models, transaction
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.models.counters import DailyCount, OfConcentratorQuerySet, WakeupTotal
from wakeup.recording.rows import MessageRow
from wakeup.recording.statements import store_in_one_statement


class Format(models.IntegerChoices):
    """The format in which a message came (WIR-2, WIR-3, WIR-5)."""

    PUSH = 1, _l("DataNotification, push setup")
    CONCENTRATOR = 2, _l("DataNotification, concentrator")
    EVENT = 3, _l("EventNotification")
    TELEGRAM = 4, _l("text telegram")
    IMPORT = 5, _l("import")


class MessageQuerySet(OfConcentratorQuerySet["Message"]):
    def record(self, rows: Sequence[MessageRow], *, commits: bool = False) -> None:
        """Store ``rows`` and count them in the totals and days, all in one transaction (LIS-1).

        ``commits``: within the caller's ``atomic()``, which has nothing else to do. PostgreSQL takes them in one
        statement, several times as fast; :meth:`record_by_orm` does the same elsewhere. Both are proven equal in
        ``tests/wakeup/recording/test_record_property.py``.
        """
        if not rows:
            return
        if connections[self.db].vendor != "postgresql":
            self.record_by_orm(rows)
            return
        # Without a savepoint, which would be two more round trips: what fails here fails as a whole.
        with transaction.atomic(using=self.db, savepoint=False):
            store_in_one_statement(rows, commits=commits)

    def record_by_orm(self, rows: Sequence[MessageRow]) -> None:
        """Like :meth:`record` on any database, for one writer at a time: SQLite's transactions see to that."""
        with transaction.atomic(using=self.db):
            self.bulk_create([Message(**_columns(row)) for row in rows])
            WakeupTotal.objects.using(self.db).add(rows)
            DailyCount.objects.using(self.db).add(rows)


def _columns(row: MessageRow) -> dict[str, object]:
    columns = row._asdict()
    del columns["day"]
    return columns


class Message(models.Model):
    """A message as it came in. Never updated; the counters are written in the same transaction.

    On PostgreSQL the table is partitioned by ``received_at``: a query that bounds it reads those days alone. See
    ``wakeup/retention/partitions.py``. Its numbers and those of the counters are not Django's positive ones: PostgreSQL
    parses their checks anew with each statement, which took up to a fifth of the time of a small batch.
    """

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.DO_NOTHING,
        # The totals row that is written with every message holds the constraint: to check it
        # once more for each of 58 million messages a day would only cost.
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    kind = models.SmallIntegerField(_l("kind"), choices=[(kind.value, kind.word) for kind in Kind])
    received_at = models.DateTimeField(_l("received at"))
    device_time = models.DateTimeField(_l("device time"), null=True)
    source_ip = models.GenericIPAddressField(_l("IP address"))
    port = models.IntegerField(_l("port"), help_text=_l("That of the listener."))
    format = models.SmallIntegerField(_l("format"), choices=Format)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _l("message")
        verbose_name_plural = _l("messages")
        indexes = [
            models.Index(fields=["concentrator", "received_at"], name="message_by_concentrator"),
            models.Index(fields=["received_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%Y-%m-%d %H:%M:%S}"
