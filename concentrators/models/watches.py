"""What the status of a concentrator follows from, beside its messages (STA-2, STA-3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models.inventory import Concentrator


class Watch(models.Model):
    """What one concentrator was to do since when, kept current in the transaction of whatever changes it.

    A message never writes here. The next wake-up is due ``period_min`` after the later of ``silent_from`` and the last
    wake-up, and that much later as it was out of service since then: see ``concentrators/procedures/due.py``.

    The second half belongs to `watchstatus`: it says which rows it has to look at, and helps to find those of a status
    without reading the whole fleet. However long it has stopped, no row that matches is missed by that.
    """

    concentrator = models.OneToOneField(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="watch",
    )
    #: Messages before do not count: it was installed then, or wake-up was enabled again. None while not in field.
    since = models.DateTimeField(_l("since"), null=True)
    #: The later of that and when the period was last written, or assigned while none had been written.
    silent_from = models.DateTimeField(_l("silent from"), null=True)
    #: Of the last configuration that was written since the installation, before that the assigned one; None: disabled.
    period_min = models.PositiveSmallIntegerField(_l("wakeup period min"), null=True)
    is_written = models.BooleanField(default=False, db_default=False)
    #: The wake-up that it owed when its period changed while it was unreachable: it stays so until the next wake-up.
    lost_due_at = models.DateTimeField(null=True)
    #: A last gasp that came in late: by its own clock the concentrator had sent it before its last wake-up.
    void_gasp_at = models.DateTimeField(null=True)
    #: The last gasp that counts beside that one.
    kept_gasp_at = models.DateTimeField(null=True)
    #: The end of the last time out of service that was ever set.
    outs_until = models.DateTimeField(null=True)
    #: Until then only a message changes its status. It stays behind while a wake-up is overdue.
    look_at = models.DateTimeField(null=True)
    #: When its status changes next, if no message comes. None: never.
    next_at = models.DateTimeField(null=True)
    #: The status that was last recorded, and since when; empty: not in field. Without a time nothing was recorded yet.
    status = models.CharField(_l("status"), max_length=14, blank=True, default="", db_default="")
    status_at = models.DateTimeField(_l("since"), null=True)
    #: The messages up to which its changes are recorded.
    seen_wakeup_at = models.DateTimeField(null=True)
    seen_gasp_at = models.DateTimeField(null=True)
    #: Whether a wake-up since ``since`` has been noticed.
    is_heard = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _l("watch")
        verbose_name_plural = _l("watches")
        indexes = [
            models.Index(fields=["look_at"], name="watch_by_look"),
            models.Index(fields=["next_at"], name="watch_by_next"),
            models.Index(fields=["status_at"], name="watch_unreachable", condition=Q(status="unreachable")),
            models.Index(fields=["since"], name="watch_unheard", condition=Q(is_heard=False, since__isnull=False)),
            models.Index(fields=["outs_until"], name="watch_out", condition=Q(outs_until__isnull=False)),
            models.Index(
                fields=["concentrator"], name="watch_disabled", condition=Q(period_min=None, since__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.period_min} min from {self.silent_from}"


class PastWatch(models.Model):
    """What a watch was up to ``until``, kept until `watchstatus` has recorded the changes of that time."""

    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="past_watches")
    until = models.DateTimeField()
    since = models.DateTimeField(null=True)
    silent_from = models.DateTimeField(null=True)
    period_min = models.PositiveSmallIntegerField(null=True)
    lost_due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("past watch")
        verbose_name_plural = _l("past watches")

    def __str__(self) -> str:
        return f"{self.concentrator_id} until {self.until}"
