"""Sends one delivery the way that its receiver wants it (STA-7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from concentrators.keys.encryption import NoKeyError
from wakeup.models import BodyFormat, Delivery, Receiver, ReceiverKind
from wakeup.monitoring.notifications.events import Why, reason
from wakeup.monitoring.notifications.sending.addresses import NotSentError, WrongUrlError, read_url
from wakeup.monitoring.notifications.sending.amqp import Outgoing, send_all
from wakeup.monitoring.notifications.sending.iec61968 import message_of
from wakeup.monitoring.notifications.sending.secrets import secret_of
from wakeup.monitoring.notifications.sending.signing import signed_headers
from wakeup.monitoring.notifications.sending.webhook import post
from wakeup.monitoring.notifications.words import headline, lines

#: Keeps away out-of-office replies (RFC 3834).
_AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def send(delivery: Delivery, now: datetime) -> None:
    """Return if the receiver has it. Raises NotSentError."""
    receiver = delivery.receiver
    if receiver.kind == ReceiverKind.EMAIL:
        _mail(delivery)
        return
    message = message_id(delivery)
    with translation.override(receiver.language):
        if receiver.body_format == BodyFormat.IEC_61968_9:
            body, content_type = message_of(delivery, message, now), "application/xml; charset=utf-8"
        else:
            body, content_type = _as_json(delivery), "application/json"
    if receiver.kind == ReceiverKind.AMQP:
        _, failure = send_all(receiver, [Outgoing(message, delivery.event.replace(" ", "."), "", content_type, body)])
        if failure:
            raise NotSentError(failure)
    else:
        post_signed(receiver, message, body, content_type, now)


def message_id(delivery: Delivery) -> str:
    """The same for each try: by it a receiver can tell what comes twice."""
    return f"msg_{delivery.body.get('id') or f'{delivery.receiver_id}_{delivery.number}'}"


def post_signed(receiver: Receiver, message: str, body: bytes, content_type: str, now: datetime) -> None:
    """Raises NotSentError, also if there is nothing to sign with: nothing goes out unsigned."""
    try:
        target, secret = read_url(receiver.address), secret_of(receiver)
    except WrongUrlError as error:
        raise NotSentError(reason(Why.WRONG_ADDRESS, error)) from None
    except NoKeyError as error:
        raise NotSentError(reason(Why.NO_KEY, error)) from None
    if not secret:
        raise NotSentError(reason(Why.NO_SECRET))
    headers = {"Content-Type": content_type, "User-Agent": "SMM-ePlus"}
    post(target, headers | signed_headers(secret, message, int(now.timestamp()), body), body)


def event_body(event: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """As the Standard Webhooks specification proposes; ``event`` such as ``incident opened``."""
    said = {"type": event.replace(" ", "."), "timestamp": at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False).encode()


def _as_json(delivery: Delivery) -> bytes:
    facts = {name: fact for name, fact in delivery.body.items() if name != "id"}
    data = {"number": delivery.number, "headline": headline(delivery.event, facts), **facts}
    return event_body(delivery.event, delivery.made_at, data)


def _mail(delivery: Delivery) -> None:
    receiver = delivery.receiver
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    headers = _AUTOMATIC | {"Message-ID": f"<{message_id(delivery)}@{sender}>"}
    with translation.override(receiver.language):
        subject, text = headline(delivery.event, delivery.body), _text(delivery)
    mail = EmailMessage(subject, text, to=addresses_of(receiver.address), headers=headers)
    try:
        mail.send()
    except (OSError, ValueError) as error:  # of smtplib, too; a wrong header
        raise NotSentError(reason(Why.MAIL, error)) from error


def addresses_of(text: str) -> list[str]:
    return [word for word in map(str.strip, text.split(",")) if word]


def _text(delivery: Delivery) -> str:
    facts = "\n".join(f"{label}: {' '.join(text.split())}" for label, text in lines(delivery.event, delivery.body))
    return f"{facts}\n\n{settings.SITE_URL}\n" if settings.SITE_URL else f"{facts}\n"
