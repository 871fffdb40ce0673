"""Meter lists as they were received (MET-1, MET-2): what one concentrator said it has, at one moment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator


class MeterSource(models.TextChoices):
    """What a list came as. Only S24 and CSV (a spreadsheet of ours) make sightings; the others add to them."""

    S24 = "S24", "S24"
    CSV = "CSV", "CSV"
    S11 = "S11", "S11"
    G02 = "G02", "G02"
    S06 = "S06", "S06"


class ListOutcome(models.TextChoices):
    TAKEN = "taken", _l("taken")
    OLDER = "older", _l("older than the one before")


class MeterListQuerySet(models.QuerySet["MeterList"]):
    def visible_to(self, user: AnyUser) -> MeterListQuerySet:
        return self if sees_all(user) else self.filter(concentrator__company__in=Company.objects.visible_to(user))


class MeterList(models.Model):
    """One list. The same file twice is one row; an older one than that of the same source is kept and changes nothing.

    ``waiting`` holds, of the newest list of a source that makes no sightings, what no sighting has taken yet, and
    whatever a later list may still need: rows as in ``concentrators.meters.lists``.
    """

    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        related_name="meter_lists",
        db_index=False,
    )
    source = models.CharField(_l("source"), max_length=3, choices=MeterSource)
    listed_at = models.DateTimeField(_l("list date"))
    whole = models.BooleanField(_l("whole"))
    outcome = models.CharField(_l("outcome"), max_length=5, choices=ListOutcome, default=ListOutcome.TAKEN)
    version = models.CharField(_l("format version"), max_length=16, blank=True, default="")
    request_id = models.BigIntegerField(_l("request"), null=True, blank=True)
    file_name = models.CharField(_l("file"), max_length=255, blank=True, default="")
    sha256 = models.CharField("SHA-256", max_length=64)
    received_at = models.DateTimeField(_l("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("received by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    rows = models.PositiveIntegerField(_l("rows"), default=0)
    #: ``[line, meter, reason, seen]`` of each bad row.
    bad_rows = models.JSONField(_l("bad rows"), default=list)
    waiting = models.JSONField(default=list)

    objects = MeterListQuerySet.as_manager()

    class Meta:
        verbose_name = _l("meter list")
        verbose_name_plural = _l("meter lists")
        ordering = ["-listed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["concentrator", "source", "listed_at", "sha256"], name="one_meter_list_a_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.listed_at}"
