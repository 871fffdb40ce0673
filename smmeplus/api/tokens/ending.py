"""Tokens near their end and after it: their owners are told in time, and what has ended long ago is deleted (API-1)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override
from knox.models import AuthToken

from profiles.models import SystemSettings
from reports.mailing import AUTOMATIC, MailServerAwayError, subject_of
from reports.models import Subscription
from smmeplus.api.tokens.showing import SOON
from smmeplus.models.tokens import TokenDetails, begin_of, details_of

#: So long a program is told that its token has ended, and not that it never was.
KEPT: Final = timedelta(days=30)
logger = logging.getLogger(__name__)


def delete_ended(now: datetime) -> int:
    """Delete those that ended KEPT ago; how many."""
    ended = AuthToken.objects.filter(expiry__lte=now - KEPT)
    number: int = ended.count()
    ended.delete()
    return number


def ending(now: datetime) -> QuerySet[Any]:
    """Those that end within SOON and whose owners can be told, and have not been."""
    soon: QuerySet[Any] = AuthToken.objects.filter(expiry__gt=now, expiry__lte=now + SOON, details__warned_at=None)
    return soon.filter(user__is_active=True).exclude(user__email="").select_related("user", "details")


def tell_owners(now: datetime) -> tuple[int, int]:
    """Mail each owner once about each token; how many mails went out, and how many failed and are tried again.

    It is noted before it is sent, so that of two runs one sends it. Raises MailServerAwayError when no connection can
    be made.
    """
    tokens = list(ending(now))
    if not tokens:
        return 0, 0
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        raise MailServerAwayError(str(error)) from error
    try:
        outcomes = [_tell(token, now, connection) for token in tokens if _claim(token, now)]
    finally:
        connection.close()
    return outcomes.count(True), outcomes.count(False)


def _claim(token: Any, now: datetime) -> bool:
    """Whether the caller, of all runs at the same time, is the one to tell it."""
    TokenDetails.objects.get_or_create(token=token, defaults={"name": begin_of(token)})
    return TokenDetails.objects.filter(token=token, warned_at=None).update(warned_at=now) == 1


def _tell(token: Any, now: datetime, connection: BaseEmailBackend) -> bool:
    try:
        _mail(token, now, connection).send()
    except Exception:
        TokenDetails.objects.filter(token=token).update(warned_at=None)
        logger.exception("The end of the token %s could not be mailed to %s.", begin_of(token), token.user)
        return False
    return True


def _mail(token: Any, now: datetime, connection: BaseEmailBackend) -> EmailMessage:
    with override(_language_of(token.user)):
        name, at = details_of(token).name, formats.date_format(token.expiry, "DATETIME_FORMAT")
        subject = subject_of(
            SystemSettings.current().environment_name, _("The API token “%(name)s” ends") % {"name": name}
        )
        told = _("The API token “%(name)s” (%(begins)s) of %(user)s ends at %(at)s UTC, in %(days)d days.")
        facts = {"user": token.user.get_username(), "days": (token.expiry - now).days}
        text = "\n\n".join(
            (
                told % {"name": name, "begins": begin_of(token), "at": at, **facts},
                _("From then on the program that uses it is refused. Make a new one, and give it to the program:"),
                settings.SITE_URL.rstrip("/") + reverse("tokens"),
            )
        )
    return EmailMessage(subject, f"{text}\n", to=[token.user.email], connection=connection, headers=AUTOMATIC)


def _language_of(user: Any) -> str:
    """That of what is mailed to them already: nothing else is known."""
    chosen = Subscription.objects.filter(user=user).order_by("-pk").values_list("language", flat=True).first()
    return chosen or settings.LANGUAGE_CODE
