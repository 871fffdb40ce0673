from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import Company


class InstallationFile(models.Model):
    """An uploaded installation file between its preview and its confirmation (CON-5).

    It is kept in the database because another web host may handle the next request.
    """

    KEPT = timedelta(days=1)
    MAX_BYTES = 64 * 2**20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(default=timezone.now)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    written_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("installation file")
        verbose_name_plural = _l("installation files")
        indexes = [models.Index(fields=["uploaded_at"], name="installation_file_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def good_rows(self) -> int:
        return int(self.counts.get("new", 0) + self.counts.get("changed", 0))
