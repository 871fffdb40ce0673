"""Files of meters between their preview and their confirmation (MET-2)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import Company


class MeterFile(models.Model):
    """An uploaded file, in the database because another web host may handle the next request.

    ``content`` is packed by zlib, and empty once the file is taken. While somebody works on it ``busy_at`` is not older
    than ``BUSY``.
    """

    KEPT = timedelta(days=1)
    BUSY = timedelta(minutes=5)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    whole = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField(default=timezone.now)
    content = models.BinaryField(default=b"")
    #: Numbers of its rows and lists; empty until all of them are compared.
    counts = models.JSONField(default=dict)
    #: What was read of it and what was passed over.
    facts = models.JSONField(default=dict)
    #: Of the rows of the preview, to tell whether taking it would still do the same.
    digest = models.CharField(max_length=64, default="")
    busy_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("file of meters")
        verbose_name_plural = _l("files of meters")
        indexes = [models.Index(fields=["uploaded_at"], name="meter_file_by_age")]

    def __str__(self) -> str:
        return self.name


class MeterRowKind(models.IntegerChoices):
    """What taking a row would do. In the order of the preview: what may be a mistake comes first."""

    GONE = 1, _l("gone")
    RETIRED = 2, _l("retired")
    CHANGED = 3, _l("changed")
    BACK = 4, _l("back")
    NEW = 5, _l("new")
    FAULT = 6, _l("faulty")
    UNCHANGED = 7, _l("unchanged")

    @property
    def colour(self) -> str:
        """Of its badge, as Bootstrap names it."""
        colours = {self.GONE: "warning", self.RETIRED: "warning", self.NEW: "success", self.FAULT: "danger"}
        return colours.get(self, "info")


class MeterFileRow(models.Model):
    """What the preview shows of one meter. No constraint leads out of this table: very many come in at once."""

    file = models.ForeignKey(
        MeterFile, on_delete=models.CASCADE, related_name="rows", db_constraint=False, db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=MeterRowKind)
    line = models.PositiveIntegerField()  # 0: it stands in no line
    concentrator = models.CharField(max_length=64, blank=True, default="")
    meter = models.CharField(max_length=64, blank=True, default="")  # as it was written, if that was refused
    #: Field, value before and value after, as texts and numbers; of what is new nothing was before.
    says = models.JSONField(default=list)
    faults = models.JSONField(default=list)  # in words

    class Meta:
        verbose_name = _l("row of a file of meters")
        verbose_name_plural = _l("rows of files of meters")
        indexes = [models.Index(fields=["file", "kind", "id"], name="meter_file_row_by_kind")]

    def __str__(self) -> str:
        return f"{self.line}: {self.meter}"
