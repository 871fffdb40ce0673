from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.models.counters import OfConcentratorQuerySet


class Format(models.IntegerChoices):
    PUSH = 1, _l("DataNotification, push setup")
    CONCENTRATOR = 2, _l("DataNotification, concentrator")
    EVENT = 3, _l("EventNotification")
    TELEGRAM = 4, _l("text telegram")
    IMPORT = 5, _l("import")
    SESSION = 6, _l("login or heartbeat of a GPRS module")


class Message(models.Model):
    """A message as it came in. Never updated; the counters are written in the same transaction.

    On PostgreSQL the table is partitioned by ``received_at``: a query that bounds it reads those days alone. See
    ``wakeup/retention/partitions.py``. Each partition has its own indexes: those below until it is packed
    (``wakeup/retention/packing.py``), and then none by which it could be sorted.

    Its numbers and those of the counters are not Django's positive ones, which have checks: PostgreSQL parses them anew
    with each statement, which took up to a fifth of the time of a small batch.
    """

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.DO_NOTHING,
        # The totals row that is written with every message has this constraint: to check it again
        # for each of 58 million messages a day would cost time for nothing.
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
    # Such a message enters no counter (SEC-1). By default of the database, because most ways of recording leave it out.
    elsewhere = models.BooleanField(_l("from elsewhere"), default=False, db_default=False)

    objects = OfConcentratorQuerySet["Message"].as_manager()

    class Meta:
        verbose_name = _l("message")
        verbose_name_plural = _l("messages")
        indexes = [
            models.Index(fields=["concentrator", "received_at"], name="message_by_concentrator"),
            models.Index(fields=["received_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%Y-%m-%d %H:%M:%S}"
