from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """What the API answered to a POST that had an ``Idempotency-Key``, committed with what was done (API-1).

    ``smmeplus.common.api.once`` writes it and says it again; ``pruneaccess`` deletes it.
    """

    #: The SHA-256, in hex, of who asked, by which token, and their key.
    name = models.CharField(max_length=64, primary_key=True)
    #: That of address and body: the same key with another request is a mistake of the program.
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()  # JSON
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
