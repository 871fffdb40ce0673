"""What is told, and why it is not (STA-7)."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _l

LONGEST: Final = 500  # characters of a stored reason


class Event(models.TextChoices):
    """What a delivery tells of its incident or alarm."""

    OPENED = "incident opened", _l("incident opened")
    CHANGED = "incident changed", _l("incident changed")
    ENDED = "incident ended", _l("incident ended")
    RAISED = "alarm raised", _l("alarm raised")
    OVER = "alarm ended", _l("alarm ended")
    TEST = "test", _l("test")


BEGINNINGS: Final = (Event.OPENED, Event.RAISED)
ENDS: Final = (Event.ENDED, Event.OVER)


class Why(models.TextChoices):
    """Why something was not delivered, or is not told at all; ``%(detail)s`` is what was seen.

    A reason is stored as ``code|detail``, so that each reader reads it in their language.
    """

    ANSWERED = "answered", _l("answered %(detail)s")
    REDIRECTS = "redirects", _l("redirects to %(detail)s, which is not followed")
    NO_ANSWER = "no answer", _l("did not answer in %(detail)s s")
    NO_CONNECTION = "no connection", _l("cannot be connected to: %(detail)s")
    CLOSED = "closed", _l("closed the connection without an answer")
    NO_HTTP = "no http", _l("answered what is no HTTP")
    NO_TLS = "no tls", _l("no safe connection: %(detail)s")
    UNKNOWN_HOST = "unknown host", _l("nobody knows the name %(detail)s")
    OUTSIDE = "outside", _l("%(detail)s lies outside NOTIFY_NETWORKS")
    NO_NETWORKS = "no networks", _l("no network is listed in NOTIFY_NETWORKS, so no webhook goes anywhere")
    WRONG_ADDRESS = "wrong address", _l("the address is wrong: %(detail)s")
    NO_SECRET = "no secret", _l("there is no secret to sign with")
    NO_KEY = "no key", _l("the secret cannot be read: %(detail)s")
    REFUSED = "refused", _l("was refused: %(detail)s")
    NO_LIBRARY = "no library", _l("python-qpid-proton is not installed, without which nothing goes by AMQP")
    MAIL = "mail", _l("the mail server did not take it: %(detail)s")
    FAILED = "failed", _l("could not be sent: %(detail)s")
    ENDED_BEFORE = "ended before", _l("it ended before it was to be told")
    MERGED = "merged", _l("it became part of another incident")
    PLANNED = "planned", _l("planned work")
    FLAPPING = "flapping", _l("it comes and goes")
    SHELVED = "shelved", _l("the alarm is shelved")
    AGAIN = "again", _l("it went dark again before its end was told")
    NO_CANARY = "no canary", _l("no canary message was stored for %(detail)s s")
    NOBODY_JUDGES = "nobody judges", _l("nobody has judged for %(detail)s s")


def reason(why: Why, detail: object = "") -> str:
    """As it is stored: in one line, and never too long."""
    text = " ".join(str(detail).split())
    return (f"{why.value}|{text}" if text else why.value)[:LONGEST]


def in_words(stored: str) -> str:
    """A stored reason in the language of now."""
    code, _bar, detail = stored.partition("|")
    label: Any = dict(Why.choices).get(code)
    return str(label) % {"detail": detail} if label is not None else stored
