from __future__ import annotations

from django.conf import settings
from django.db import models


class Account(models.Model):
    """Of a user, what Django has no place for. Who has none has a password that they chose themselves."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    must_change_password = models.BooleanField(default=False)
    #: Who the directory says they are, as issuer and ``sub`` of OpenID Connect; nobody else signs in as this user.
    directory_subject = models.CharField(max_length=500, unique=True, null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)
