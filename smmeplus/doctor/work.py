"""The work of the services, wherever they run, by what they leave in the database; mail and webhooks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import get_connection
from django.db import Error
from django.db.models import Max
from django.utils import timezone

from concentrators.models import Concentrator, State
from reports.models import StoredMonth, Subscription
from smmeplus.doctor.findings import Check, Told, ok, warning, wrong
from smmeplus.metrics.figures import deliveries_at, unmailed_at
from wakeup.models import ListenerRun, MinuteCount, Receiver, ReceiverKind
from wakeup.models.listeners import WaitsFor
from wakeup.monitoring.notifications.events import in_words
from wakeup.monitoring.notifications.sending.addresses import NotSentError, WrongUrlError, address_for, read_url
from wakeup.monitoring.verdicts.rules import CANARY_FAILS_AFTER

COUNTED_WITHIN: Final = timedelta(minutes=5)
DELIVERED_WITHIN: Final = timedelta(minutes=30)
STORED_WITHIN: Final = timedelta(hours=6)
MOST_RECEIVERS: Final = 20
CONNECTED_S: Final = 3.0


def listeners() -> Iterator[Told]:
    now = timezone.now()
    runs = list(ListenerRun.objects.alive(now).order_by("host", "port"))
    if not runs:
        yield wrong("no listener runs", "Start smmeplus-listener, and see its log.")
    for run in runs:
        yield _listener(run, run.certificate_ends_at is not None and run.certificate_ends_at - now)


def _listener(run: ListenerRun, certificate_lasts: timedelta | bool) -> Told:
    name = f"{run.host} port {run.port}"
    if run.waits_for != WaitsFor.NOTHING:
        return wrong(f"{name} {run.get_waits_for_display()}", "See docs/operation.md, The database.")
    if isinstance(certificate_lasts, timedelta) and certificate_lasts < ListenerRun.CERTIFICATE_WARNS_BEFORE:
        said = f"the certificate of {name} ends in {certificate_lasts.days} days"
        return warning(said, "Put a new one into its place, and reload smmeplus-listener.")
    return ok(f"{name} runs: {run.messages_per_s:.0f} messages/s, {run.connections} connections")


def watcher() -> Iterator[Told]:
    last = MinuteCount.objects.aggregate(last=Max("minute"))["last"]
    if last is None or timezone.now() - last > COUNTED_WITHIN:
        since = "never" if last is None else f"not since {last:%Y-%m-%d %H:%M} UTC"
        yield wrong(f"it has counted the messages of a minute {since}", "Start smmeplus-watcher, and see its log.")
    else:
        yield ok("it counts the messages of each minute")


def notifications() -> Iterator[Told]:
    number, since = deliveries_at(timezone.now())
    if since is not None and timezone.now() - since > DELIVERED_WITHIN:
        to_do = "See the page Deliveries for the reason, and the log of smmeplus-notifications."
        yield wrong(f"{number} wait, the oldest since {since:%Y-%m-%d %H:%M} UTC", to_do)
    else:
        yield ok("none waits for long" if number else "none waits")


def canaries() -> Iterator[Told]:
    rows = Concentrator.objects.canaries().exclude(state=State.REMOVED).order_by("serial_number")
    for serial, last in rows.values_list("serial_number", "total__last_wakeup_at"):
        if last is None or timezone.now() - last > CANARY_FAILS_AFTER:
            to_do = "Is smmeplus-canary@ running? If so, the way from it to the database is not open."
            yield wrong(f"{serial} has not come through lately", to_do)
        else:
            yield ok(f"{serial} comes through")


def reports() -> Iterator[Told]:
    late = {kind: number for kind, number in unmailed_at(timezone.now()).items() if number}
    for kind, number in late.items():
        yield wrong(f"{number} subscribers have had no {kind} report for days", "See journalctl -u smmeplus-reports.")
    if not late:
        yield ok("no subscriber waits for a report")


def months() -> Iterator[Told]:
    looked_at = StoredMonth.objects.aggregate(at=Max("looked_at"))["at"]
    if looked_at is None or timezone.now() - looked_at > STORED_WITHIN:
        yield warning(
            "the figures of months are not stored: reports on reliability are slow", "Enable smmeplus-months.timer."
        )
    else:
        yield ok("the figures of months are stored")


def mail() -> Iterator[Told]:
    """Only as far as the greeting of the server: no mail is sent."""
    wanted = _somebody_is_mailed()
    if wanted and not settings.SITE_URL:
        yield wrong("SITE_URL is not set, and mails have links", "Set it to where browsers reach the web.")
    server = f"{getattr(settings, 'EMAIL_HOST', '')}:{getattr(settings, 'EMAIL_PORT', '')}"
    try:
        with get_connection():
            yield ok(f"the server {server} takes mails")
    except OSError as error:
        said = f"the server {server} cannot be reached: {error.strerror or error}"
        yield (wrong(said, "See EMAIL_URL.") if wanted else warning(f"{said}; nobody is mailed yet", "See EMAIL_URL."))


def _somebody_is_mailed() -> bool:
    """Perhaps, while the database is away."""
    try:
        mailed = Receiver.objects.filter(kind=ReceiverKind.EMAIL, is_active=True)
        return Subscription.objects.exists() or mailed.exists()
    except Error:
        return True


def webhooks() -> Iterator[Told]:
    """Each is connected to, and nothing is posted."""
    kinds = (ReceiverKind.WEBHOOK, ReceiverKind.LIFE_SIGN)
    rows = Receiver.objects.filter(kind__in=kinds, is_active=True).order_by("name")
    for name, url in list(rows.values_list("name", "address")[:MOST_RECEIVERS]):
        yield _webhook(name, url)


def _webhook(name: str, url: str) -> Told:
    try:
        target = read_url(url)
        with socket.create_connection((address_for(target), target.port), CONNECTED_S):
            return ok(f"{name} can be reached")
    except NotSentError as error:
        return wrong(f"{name}: {in_words(str(error))}", "See NOTIFY_NETWORKS, and the name of its host.")
    except (WrongUrlError, OSError) as error:
        return wrong(f"{name} cannot be reached: {getattr(error, 'strerror', None) or error}", "Ask who runs it.")


CHECKS: Final = (
    Check("listeners", listeners, asks_database=True),
    Check("watcher", watcher, asks_database=True),
    Check("notifications", notifications, asks_database=True),
    Check("canaries", canaries, asks_database=True),
    Check("reports", reports, asks_database=True),
    Check("months", months, asks_database=True),
    Check("mail", mail),
    Check("webhooks", webhooks),
)
