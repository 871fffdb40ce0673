"""What a session tells of itself: since when, from where, with what browser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from smmeplus.models import Session
from smmeplus.people.addresses import address_of
from smmeplus.people.sessions.browsers import browser_in_words
from smmeplus.people.sessions.store import SessionStore, hash_of

_ABOUT: Final = "about"
_SHOWN: Final = 16  # characters of a hash, enough to name a session of one user
_IDS: Final = re.compile(f"[0-9a-f]{{{_SHOWN}}}")
_MOST: Final = 300  # characters of what a browser says of itself


class Listed(NamedTuple):
    id: str
    since: datetime | None
    used_at: datetime
    address: str
    browser: str
    is_this: bool


def mark(request: HttpRequest, **_kwargs: Any) -> None:
    """Of the signal of a sign-in. From then on it lasts 12 hours, however much it is used."""
    now = timezone.now()
    agent = request.headers.get("User-Agent", "")[:_MOST]
    request.session[_ABOUT] = {"since": now.isoformat(), "address": address_of(request), "agent": agent}
    request.session.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    if isinstance(request.session, SessionStore):
        request.session.used_at = None  # it was nobody's before, however long
    SessionStore.clear_expired()


def sessions_of(user: User, request: HttpRequest | None = None) -> list[Listed]:
    """Those that are good, the one of ``request`` first, then as they were used last."""
    now = timezone.now()
    key = request.session.session_key if request is not None else None
    this = hash_of(key) if key else ""
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES) or timedelta(days=1)
    rows = Session.objects.filter(user=user, expire_date__gt=now, used_at__gt=now - idle)
    listed = [_listed(row, row.session_key == this) for row in rows.order_by("-used_at")]
    return sorted(listed, key=lambda one: not one.is_this)


def end_session(user: User, shown: str) -> bool:
    """Whether ``user`` had the one that begins with ``shown``."""
    if not _IDS.fullmatch(shown):
        return False
    return bool(Session.objects.filter(user=user, session_key__startswith=shown).delete()[0])


def end_sessions(user: User, but: str | None = None) -> int:
    """How many; the one with the key ``but`` stays."""
    rows = Session.objects.filter(user=user)
    return int((rows.exclude(pk=hash_of(but)) if but else rows).delete()[0])


def _listed(row: Session, is_this: bool) -> Listed:
    about = row.get_decoded().get(_ABOUT, {})
    since = datetime.fromisoformat(about["since"]) if "since" in about else None
    browser = browser_in_words(about.get("agent", ""))
    return Listed(row.session_key[:_SHOWN], since, row.used_at, about.get("address", ""), browser, is_this)
