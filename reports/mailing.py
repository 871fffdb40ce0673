"""The mails of a day: what they say. And that each subscriber gets one, however many runs there are at the same time.

A mail is claimed before it is sent, and the claim is given back if it could not be sent. So two runs never send the
same mail, and a run that is killed in between loses one mail rather than send it twice.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from reports.day_report import DayReport
from reports.models import Subscription
from wakeup.models.alarms import Priority
from wakeup.monitoring.alarms.measures import MEASURES
from wakeup.monitoring.status.rules import StatusReason

logger = logging.getLogger(__name__)

MAX_ATTACHED = 10 * 2**20  # bytes; many mail servers refuse more
MAX_IN_MEMORY = 2**20
#: Of the alarm load: the alarms themselves, and what has a limit however few they are.
_TOLD = ("raised", "alarms_per_hour", "flooded_percent", "standing", "chattering")
#: Keeps away out-of-office replies (RFC 3834).
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


class MailServerAwayError(Exception):
    """The mail server cannot be reached or refuses every mail."""


@dataclass(slots=True)
class Sent:
    sent: int = 0
    failed: int = 0


class Mail(Protocol):
    """What a subscriber gets of one day, or of the month that begins with it."""

    @property
    def day(self) -> date: ...

    def to(self, address: str, language: str, connection: BaseEmailBackend) -> EmailMessage: ...


@dataclass(frozen=True)
class DayMail:
    """The report of a day as it is mailed; ``archive`` is a zip file, None where that is larger than MAX_ATTACHED."""

    report: DayReport
    archive: bytes | None

    @classmethod
    def of(cls, report: DayReport) -> DayMail:
        """The mail of ``report``; its rows are read once for all readers."""
        with tempfile.SpooledTemporaryFile(MAX_IN_MEMORY) as file:
            report.write_archive(file)
            is_too_large = file.tell() > MAX_ATTACHED
            file.seek(0)
            return cls(report, None if is_too_large else file.read())

    @property
    def day(self) -> date:
        return self.report.day

    def to(self, address: str, language: str, connection: BaseEmailBackend) -> EmailMessage:
        with override(language):
            mail = new_mail(self._subject(), self._text(), address, connection)
        if self.archive is not None:
            mail.attach(f"{self.report.file_name}.zip", self.archive, "application/zip")
        return mail

    def _subject(self) -> str:
        day = formats.date_format(self.report.day)
        return subject_of(
            self.report.settings.environment_name, self.report.company.name, _("Wake up messages per day"), day
        )

    def _text(self) -> str:
        context = {
            "subject": self._subject(),
            "midnight": _("Days begin at midnight of %(zone)s.") % {"zone": self.report.zone.key},
            "figures": self._figures(),
            "alarms": (_("Alarm load"), self._alarms()),
            "files": self._files(),
            "links": self._links(),
            "subscriptions": (_("To change what is mailed to you:"), link_to("subscriptions")),
        }
        return render_to_string("reports/day_mail.txt", context)

    def _figures(self) -> list[tuple[str, str]]:
        figures = self.report.figures
        labelled = (
            (_("Concentrators in field that day"), figures.in_field),
            (_("Called"), figures.called),
            (_("Silent: expected to call, and did not"), figures.silent),
            (_("Never called since they were installed, as of now"), figures.never_called),
            (_("Wake-ups received"), figures.received),
            (_("Wake-ups expected"), figures.expected),
            (_("Wake-ups missing"), figures.missing),
        )
        return [(label, formats.number_format(number, force_grouping=True)) for label, number in labelled]

    def _alarms(self) -> list[tuple[str, str, str]]:
        """What was asked of who reads alarms: a label, a number, and what it is made of or should be (STA-9)."""
        load, single = self.report.alarm_load, self.report.single_silent
        raised, *limited = (measure for measure in MEASURES if measure.name in _TOLD)
        by_priority = ", ".join(f"{one.label} {load.by_priority.get(one, 0)}" for one in reversed(Priority))
        return [
            (str(raised.label), raised.shown(load), by_priority),
            *((str(measure.label), measure.shown(load), str(measure.limit)) for measure in limited),
            (_("Single silent concentrators, as of now"), formats.number_format(single), _("Work list")),
        ]

    def _files(self) -> str:
        if self.archive is not None:
            return _("Attached as CSV in a zip file: the wake-ups of each concentrator, and the silent ones.")
        limit = {"size": filesizeformat(MAX_ATTACHED)}
        return _("The lists are larger than %(size)s and so not attached: export them from these pages.") % limit

    def _links(self) -> list[tuple[str, str]]:
        company, day = self.report.company.pk, self.report.day
        return [
            (_("Wake up messages per day"), link_to("wakeup-per-day", company=company, from_day=day, to_day=day)),
            (_("Silent that day, of those in field now"), link_to("in-field", company=company, silent_on=day)),
            (_("Never called"), link_to("in-field", company=company, reason=StatusReason.NEVER_CALLED.value)),
        ]


def new_mail(
    subject: str, text: str, address: str, connection: BaseEmailBackend, *, subscriptions: str = "subscriptions"
) -> EmailMessage:
    """A mail that says on which page of the reports its reader may end it."""
    headers = AUTOMATIC | {"List-Unsubscribe": f"<{link_to(subscriptions)}>"}
    return EmailMessage(subject, text, to=[address], connection=connection, headers=headers)


def subject_of(*parts: str) -> str:
    """``parts`` in one line, without those that are empty; of ASCII, if these are: others are unreadable in transit."""
    return " - ".join(" ".join(part.split()) for part in parts if part)


#: The key of what a link says that ends one subscription.
_LEAVING = "reports.leaving"


def headers_of_list(subscription: Subscription) -> dict[str, str]:
    """By which its reader sorts the mail, and ends it by one click in their mail program (RFC 2919, RFC 8058).

    A click on a link that is not HTTPS is none: the header would be ignored, and the page of the reports is named.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    named = {"List-Id": f"<{subscription.kind}-{subscription.company_id}.reports.{host}>"}
    key = signing.dumps([subscription.user_id, subscription.company_id, subscription.kind], salt=_LEAVING)
    link = settings.SITE_URL.rstrip("/") + reverse("reports:unsubscribe", args=[key])
    if not link.startswith("https://"):
        return named
    return named | {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def end_by_link(key: str) -> str:
    """End the subscription that ``key``, the last part of such a link, is about; returns its kind.

    Raises BadSignature for what is not ours.
    """
    user, company, kind = signing.loads(key, salt=_LEAVING)
    Subscription.objects.filter(user=user, company=company, kind=kind).delete()
    return str(kind)


def kind_of_link(key: str) -> str:
    """Of which kind its subscription is. Raises BadSignature for what is not ours."""
    return str(signing.loads(key, salt=_LEAVING)[2])


def link_to(view: str, **query: Any) -> str:
    """The full address of a page of the reports, for a mail."""
    address = settings.SITE_URL.rstrip("/") + reverse(f"reports:{view}")
    return f"{address}?{urlencode(query)}" if query else address


def deliver(
    mail: Mail, subscriptions: Iterable[Subscription], connection: BaseEmailBackend, *, again: bool = False
) -> Sent:
    """Send ``mail`` to those of ``subscriptions`` that have not had it; with ``again`` to all, and mark nothing.

    A mail that fails is logged with its user and is sent by the next run. Raises MailServerAwayError when no
    connection can be made; nothing more is then claimed.
    """
    outcome = Sent()
    for subscription in subscriptions:
        _connect(connection)
        if not again and not subscription.claim(mail.day):
            continue
        if _send(mail, subscription, connection, again=again):
            outcome.sent += 1
        else:
            outcome.failed += 1
    return outcome


def _connect(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except Exception as error:
        raise MailServerAwayError(str(error)) from error


def _send(mail: Mail, subscription: Subscription, connection: BaseEmailBackend, *, again: bool) -> bool:
    """Whether the mail went out. If not, its claim is given back, and the connection is made anew for the next one."""
    try:
        message = mail.to(subscription.user.email, subscription.language, connection)
        message.extra_headers |= headers_of_list(subscription)
        message.send()
    except BaseException as error:
        if not again:
            subscription.give_back(mail.day)
        connection.close()
        if not isinstance(error, Exception):
            raise
        _log(subscription, mail.day, error)
        return False
    return True


def _log(subscription: Subscription, day: date, error: Exception) -> None:
    logger.error(
        "The report of %s on %s could not be mailed to the user “%s”: %s",
        subscription.company,
        day,
        subscription.user.get_username(),
        error,
    )
