from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """Requests to the API since ``since`` (seconds since 1970), counted by ``smmeplus.common.api.throttling`` for all
    processes and hosts. On PostgreSQL the table is unlogged: a crash empties it, and no request waits for the disk.
    """

    #: What is limited, and of whom: ``throttle_user_7``, ``throttle_refused_192.0.2.7``.
    of = models.CharField(max_length=100, primary_key=True)
    number = models.PositiveIntegerField()
    since = models.FloatField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.of}: {self.number}"
