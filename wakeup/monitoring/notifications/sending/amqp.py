"""Sends messages to a broker by AMQP 1.0, in order for each concentrator (API-3).

The broker has a message when it has *accepted* it. Several are under way at a time, but never two of one group: if one
of them is refused, or the connection breaks, none of its group that comes later has arrived before it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote

from concentrators.keys.encryption import NoKeyError
from wakeup.models import Receiver
from wakeup.monitoring.notifications.events import Why, reason
from wakeup.monitoring.notifications.sending.addresses import (
    AMQP,
    NotSentError,
    Target,
    WrongUrlError,
    address_for,
    read_url,
)
from wakeup.monitoring.notifications.sending.secrets import secret_of

#: For each step: to connect, and until the broker has said what becomes of some messages.
STEP_S: Final = 15.0
AT_ONCE: Final = 200
#: No run begins later: with the last one this is less than a receiver is held for.
WHOLE_S: Final = 60.0


@dataclass(frozen=True)
class Outgoing:
    """``group`` is what it is in order for: a serial number, or empty for all that is about none."""

    id: str
    subject: str
    group: str
    content_type: str
    body: bytes


def read_amqp_url(text: str) -> Target:
    """Such as ``amqps://smm@broker.example/events``. Raises WrongUrlError, also if it names no place at the broker."""
    target = read_url(text, AMQP)
    if not place_of(target):
        raise WrongUrlError("it names no queue or topic after the host")
    return target


def place_of(target: Target) -> str:
    """The queue or topic: all that follows the first slash after the host."""
    return unquote(target.path[1:])


def send_all(receiver: Receiver, messages: Sequence[Outgoing]) -> tuple[int, str]:
    """How many of ``messages``, from the first one on, the broker has; and why not more, as it is stored.

    A broker that is slow has not all of them, and nothing is wrong.
    """
    latest = monotonic() + WHOLE_S
    try:
        connection, sender = _opened(*_login(receiver))
    except NotSentError as error:
        return 0, str(error)
    arrived = 0
    try:
        for run in runs(messages):
            arrived += _send_run(connection, sender, run)
            if monotonic() > latest:
                break
    except _PartlySentError as error:
        return arrived + error.arrived, str(error)
    finally:
        _close(connection)
    return arrived, ""


def _login(receiver: Receiver) -> tuple[Target, str]:
    """Raises NotSentError."""
    try:
        target, secret = read_amqp_url(receiver.address), secret_of(receiver)
    except WrongUrlError as error:
        raise NotSentError(reason(Why.WRONG_ADDRESS, error)) from None
    except NoKeyError as error:
        raise NotSentError(reason(Why.NO_KEY, error)) from None
    if target.user and not secret:
        raise NotSentError(reason(Why.NO_SECRET))
    return target, secret


def runs(messages: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """``messages`` in their order, cut where a group comes again."""
    run, groups = list[Outgoing](), set[str]()
    for message in messages:
        if message.group in groups or len(run) == AT_ONCE:
            yield run
            run, groups = [], set()
        run.append(message)
        groups.add(message.group)
    if run:
        yield run


class _PartlySentError(NotSentError):
    def __init__(self, why: str, arrived: int) -> None:
        super().__init__(why)
        self.arrived = arrived


def _opened(target: Target, secret: str) -> tuple[Any, Any]:
    """A connection and a sender. Raises NotSentError."""
    address = address_for(target)
    try:
        import proton
        from proton.utils import BlockingConnection
    except ImportError:
        raise NotSentError(reason(Why.NO_LIBRARY)) from None
    host = f"[{address}]" if ":" in address else address
    try:
        connection = BlockingConnection(
            f"{'amqps' if target.is_safe else 'amqp'}://{host}:{target.port}",
            timeout=STEP_S,
            ssl_domain=_trusting(proton) if target.is_safe else None,
            virtual_host=target.host,
            allowed_mechs="PLAIN" if target.user else "ANONYMOUS",
            user=target.user or None,
            password=secret if target.user else None,
        )
    except (proton.ProtonException, OSError) as error:
        raise NotSentError(_why(proton, error)) from None
    try:
        durable: Any = _Durable()
        return connection, connection.create_sender(place_of(target), options=durable)
    except (proton.ProtonException, OSError) as error:
        _close(connection)
        raise NotSentError(_why(proton, error)) from None


class _Durable:
    """Asks for a place that a restart of the broker does not empty: some make one that is not there yet."""

    def apply(self, link: Any) -> None:
        link.target.durability = 2  # Terminus.DELIVERIES

    def test(self, _link: Any) -> bool:
        return True


def _trusting(proton: Any) -> Any:
    """Trusts whom the system trusts, as webhooks do, and wants the broker's own name in its certificate."""
    domain, paths = proton.SSLDomain(proton.SSLDomain.MODE_CLIENT), ssl.get_default_verify_paths()
    domain.set_trusted_ca_db(paths.cafile or paths.capath or paths.openssl_capath)
    domain.set_peer_authentication(proton.SSLDomain.VERIFY_PEER_NAME)
    return domain


def _send_run(connection: Any, sender: Any, run: Sequence[Outgoing]) -> int:
    """Return how many they are. Raises _PartlySentError with how many of the first ones arrived."""
    import proton

    under_way = list[Any]()
    try:
        connection.wait(lambda: sender.link.credit >= 1, msg="credit")
        for message in run:
            connection.wait(lambda: sender.link.credit >= 1, msg="credit")
            under_way.append(sender.link.send(_as_message(proton, message)))
        connection.wait(lambda: all(one.remote_state for one in under_way), msg="accepting")
    except (proton.ProtonException, OSError) as error:
        raise _PartlySentError(_why(proton, error), _arrived(proton, under_way)) from None
    arrived = _arrived(proton, under_way)
    for one in under_way:
        one.settle()
    if arrived < len(run):
        refused = under_way[arrived]
        condition = refused.remote.condition if refused.remote_state == proton.Delivery.REJECTED else None
        raise _PartlySentError(reason(Why.REFUSED, condition or refused.remote_state), arrived)
    return arrived


def _arrived(proton: Any, deliveries: Sequence[Any]) -> int:
    """How many of the first ones were accepted."""
    count = 0
    for one in deliveries:
        if one.remote_state != proton.Delivery.ACCEPTED:
            break
        count += 1
    return count


def _as_message(proton: Any, one: Outgoing) -> Any:
    return proton.Message(
        id=one.id,
        subject=one.subject,
        group_id=one.group or None,
        content_type=one.content_type,
        body=one.body,
        inferred=True,  # a plain section of bytes, not one value
        durable=True,
    )


def _close(connection: Any) -> None:
    import proton

    with suppress(proton.ProtonException, OSError):  # it may be broken: what was accepted is known
        connection.close()


def _why(proton: Any, error: Exception) -> str:
    if isinstance(error, proton.Timeout):
        return reason(Why.NO_ANSWER, f"{STEP_S:.0f}")
    said = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return reason(Why.NO_CONNECTION, said[:200])
