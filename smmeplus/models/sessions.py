from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from smmeplus.people.sessions.store import SessionStore


class Session(AbstractBaseSession):
    """A session. Its key is in the browser alone: here is only the SHA-256 of it, by which nobody signs in."""

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore
