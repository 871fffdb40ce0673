"""The store of sessions: their keys hashed, with their user, and an end when nobody has used them for a while."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as StoreOfDjango
from django.utils import timezone

#: A use is noted once in this time, so that not every request writes.
NOTED_EVERY = timedelta(minutes=1)


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(StoreOfDjango):
    #: When it was used last, as stored; None of one that was not read.
    used_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        return apps.get_model("smmeplus", "Session")

    def exists(self, session_key: str) -> bool:
        return super().exists(hash_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(hash_of(key))

    def note_use(self) -> None:
        """That its user has done something now; nothing is written where that was noted a short while ago."""
        now = timezone.now()
        if self.used_at is not None and self.session_key and now - self.used_at >= NOTED_EVERY:
            rows: Any = self.model.objects
            rows.filter(pk=hash_of(self.session_key)).update(used_at=now)
            self.used_at = now

    def _get_session_from_db(self) -> Any:
        """The row; None, and no key any more, of one that is not there, or has ended."""
        now = timezone.now()
        rows: Any = self.model.objects
        row = rows.filter(pk=hash_of(self.session_key or ""), expire_date__gt=now).first()
        if row is None or (row.user_id is not None and _is_idle(row.used_at, now)):
            self._session_key = None
            return None
        self.used_at = row.used_at
        return row

    def create_model_instance(self, data: Any) -> Any:
        row: Any = super().create_model_instance(data)
        row.session_key = hash_of(row.session_key)
        row.user_id = data.get(SESSION_KEY)
        row.used_at = self.used_at or timezone.now()
        return row


def _is_idle(used_at: datetime, now: datetime) -> bool:
    minutes: int = settings.SESSION_IDLE_MINUTES
    return minutes > 0 and now - used_at >= timedelta(minutes=minutes)
