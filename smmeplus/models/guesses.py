from __future__ import annotations

from django.db import models


class Guesses(models.Model):
    """Wrong passwords and codes of an hour, from one address or for one name. Shared by all workers and hosts."""

    #: ``address 192.0.2.7``, ``address 2001:db8::/64`` or ``name ada``.
    of = models.CharField(max_length=200, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.of}: {self.failures}"
