"""The feed: all that other systems are told, each event once and in one order (API-3)."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, sees_all


class FeedEventQuerySet(models.QuerySet["FeedEvent"]):
    def visible_to(self, user: AnyUser) -> FeedEventQuerySet:
        """Those of the user's companies, and of our side, which are about no company's concentrators."""
        if sees_all(user):
            return self
        return self.filter(Q(company=None) | Q(company__in=Company.objects.visible_to(user)))


class FeedEvent(models.Model):
    """Something that has happened, as it is told to everybody. Never updated.

    ``number`` is given under the lock of the row of :class:`FeedProgress`, which is held until the commit: who sees a
    number sees all below it. ``body`` is the JSON object as it is sent, byte for byte, by every way.
    """

    number = models.BigIntegerField(primary_key=True)
    uid = models.UUIDField(default=uuid4, editable=False)
    type = models.CharField(_l("type"), max_length=40)
    at = models.DateTimeField(_l("at"))
    published_at = models.DateTimeField(_l("published at"))
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    #: The serial number; empty for what is not about one concentrator.
    concentrator = models.CharField(_l("concentrator"), max_length=40, blank=True, default="")
    #: What it was made from, such as ``planned work 12``, where that is found by its time and could be found twice.
    source = models.CharField(max_length=60, null=True, editable=False)  # noqa: DJ001 - unique where there is one
    body = models.TextField(editable=False)

    objects = FeedEventQuerySet.as_manager()

    class Meta:
        verbose_name = _l("event")
        verbose_name_plural = _l("events")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(source__isnull=False), name="one_event_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.type}"


class FeedProgress(models.Model):
    """How far publishing has come, and what is still kept; one row, whose lock is that of the numbers."""

    #: The number of the last event, and of the last one that was deleted.
    number = models.BigIntegerField(default=0)
    pruned = models.BigIntegerField(default=0)
    #: The keys of the last change of status, outage and line of an incident's timeline that were published.
    change = models.BigIntegerField(default=0)
    outage = models.BigIntegerField(default=0)
    note = models.BigIntegerField(default=0)
    #: When the first pass was, which tells of nothing before, and when planned work and roll-outs were last looked for.
    begun_at = models.DateTimeField()
    looked_at = models.DateTimeField()

    class Meta:
        verbose_name = _l("progress of events")
        verbose_name_plural = _l("progress of events")

    def __str__(self) -> str:
        return str(self.number)
