"""Installation files between their preview and their confirmation (CON-5)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import Company
from concentrators.models.networks import MAX_TEXT
from concentrators.models.types import ConcentratorType
from profiles.models import SpontaneousProfile


class InstallationFile(models.Model):
    """An uploaded installation file; its rows are ``InstallationRow``.

    It is kept in the database because another web host may handle the next request. ``user`` is None for a command.
    While somebody works on it ``busy_at`` is not older than ``BUSY``.
    """

    KEPT = timedelta(days=1)
    BUSY = timedelta(minutes=5)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    uploaded_at = models.DateTimeField(default=timezone.now)
    #: Numbers of its rows; empty until all of them are checked.
    counts = models.JSONField(default=dict)
    #: What was read of it and what was passed over.
    facts = models.JSONField(default=dict)
    busy_at = models.DateTimeField(null=True)
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


class RowKind(models.IntegerChoices):
    """What writing a row would do. In the order of the preview: what may be a mistake comes first."""

    MODIFIED = 1, _l("other profile")
    INSTALLED = 2, _l("installed")
    CHANGED = 3, _l("changed")
    NEW = 4, _l("new")
    REFUSED = 5, _l("rejected")
    UNCHANGED = 6, _l("unchanged")

    @property
    def colour(self) -> str:
        """Of its badge, as Bootstrap names it."""
        colours = {self.MODIFIED: "warning", self.INSTALLED: "primary", self.NEW: "success", self.REFUSED: "danger"}
        return colours.get(self, "info")


#: Those that change what is there.
CHANGES = (RowKind.MODIFIED, RowKind.INSTALLED, RowKind.CHANGED)


class InstallationRow(models.Model):
    """One row of an installation file: what it says of a concentrator, and what writing it would do.

    The values are None where the file says nothing. No constraint leads out of this table: hundreds of thousands of
    rows come in at once, and what they lead to is looked up again when they are written.
    """

    file = models.ForeignKey(
        InstallationFile, on_delete=models.CASCADE, related_name="rows", db_constraint=False, db_index=False
    )
    line = models.PositiveIntegerField()
    serial_number = models.CharField(max_length=64)  # as it was written, if that was refused
    kind = models.PositiveSmallIntegerField(choices=RowKind)
    #: A bit for each column that changes, by its place in the file's order.
    columns = models.PositiveIntegerField(default=0)
    #: The state and the values of the columns that change, as they were at the check.
    before = models.JSONField(null=True)
    #: Column, value and reason of each error.
    errors = models.JSONField(null=True)
    password = models.TextField(null=True)  # noqa: DJ001 - encrypted; None: the file has none
    system_title = models.CharField(max_length=16, null=True)  # noqa: DJ001
    unicast_key = models.TextField(null=True)  # noqa: DJ001 - encrypted, as the next one
    authentication_key = models.TextField(null=True)  # noqa: DJ001
    key_digest = models.CharField(max_length=64, null=True)  # noqa: DJ001 - of the unicast key
    ciphered_only = models.BooleanField(null=True)
    type = models.ForeignKey(
        ConcentratorType, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    profile = models.ForeignKey(
        SpontaneousProfile,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    # The other columns of a file, each of the type that a concentrator has for it: the database copies them.
    manufacturer = models.CharField(max_length=100, null=True)  # noqa: DJ001
    management_ip = models.GenericIPAddressField(protocol="IPv4", null=True)
    management_port = models.PositiveIntegerField(null=True)
    substation = models.CharField(max_length=100, null=True)  # noqa: DJ001
    feeder = models.CharField(max_length=100, null=True)  # noqa: DJ001
    customers = models.PositiveIntegerField(null=True)
    expected_networks = models.CharField(max_length=MAX_TEXT, null=True)  # noqa: DJ001
    management_address = models.CharField(max_length=13, null=True)  # noqa: DJ001
    region = models.CharField(max_length=100, null=True)  # noqa: DJ001
    carrier = models.CharField(max_length=100, null=True)  # noqa: DJ001
    time_zone = models.CharField(max_length=64, null=True)  # noqa: DJ001
    is_canary = models.BooleanField(null=True)

    class Meta:
        verbose_name = _l("row of an installation file")
        verbose_name_plural = _l("rows of installation files")
        indexes = [
            models.Index(fields=["file", "kind", "line"], name="installation_row_by_kind"),
            models.Index(fields=["file", "serial_number"], name="installation_row_by_serial"),
            models.Index(fields=["file", "columns"], name="installation_row_changes", condition=Q(columns__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.serial_number}"
