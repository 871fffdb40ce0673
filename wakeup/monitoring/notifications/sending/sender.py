"""Sends what is due, each receiver in a thread of its own, so that one that hangs holds up no other (STA-7, STA-10)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from smmeplus.common.vitals.outcomes import show_outcomes
from smmeplus.common.vitals.passes import Passes
from wakeup.models import Delivery
from wakeup.monitoring.notifications.events import Why, reason
from wakeup.monitoring.notifications.sending.addresses import NotSentError
from wakeup.monitoring.notifications.sending.channels import send
from wakeup.monitoring.notifications.sending.claims import claim, due_receivers, settle
from wakeup.monitoring.notifications.sending.feeding import claim_batch, due_feeds, send_batch, settle_batch
from wakeup.monitoring.notifications.sending.lifesigns import due_signs, give_sign

EVERY_S: Final = 1.0
#: Receivers at a time; each may take a connection to the database.
MOST_AT_ONCE: Final = 16
STUCK_S: Final = 60.0
log = logging.getLogger(__name__)


class Sender:
    """``delivered`` and ``failed`` count tries, ``events`` those that arrived, ``signs`` the signs of life that did."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="receiver")
        self._under_way: dict[int, Future[None]] = {}
        self._stopped = threading.Event()
        self.delivered = self.failed = self.signs = self.events = 0
        self.passes = Passes("smmeplus_notifications", STUCK_S)
        self._show_outcomes()

    def _show_outcomes(self) -> None:
        registry, name = self.passes.registry, self.passes.namespace
        numbers = {"delivered": lambda: self.delivered, "failed": lambda: self.failed}
        show_outcomes(registry, f"{name}_tries", "Tries to deliver, by what came of them.", numbers)
        show_outcomes(registry, f"{name}_signs", "Signs of life, those that arrived.", {"arrived": lambda: self.signs})
        show_outcomes(registry, f"{name}_events", "Events, those that were taken.", {"taken": lambda: self.events})

    def run(self, stopped: threading.Event) -> None:
        """Until ``stopped``; then each thread ends what it has in hand."""
        try:
            while not stopped.is_set():
                with self.passes.one():
                    self.look()
                stopped.wait(EVERY_S)
        finally:
            self.close()

    def run_once(self) -> None:
        """Until nothing is due any more."""
        try:
            while self.look():
                for future in list(self._under_way.values()):
                    future.result()
        finally:
            self.close()

    def look(self) -> int:
        """Begin with all receivers of which something is due; return how many are under way."""
        now = self._clock()
        self._under_way = {key: future for key, future in self._under_way.items() if not future.done()}
        works = ((self._serve, due_receivers(now)), (self._feed, due_feeds(now)), (self._sign, due_signs(now)))
        for work, keys in works:
            for key in keys:
                if key not in self._under_way:
                    self._under_way[key] = self._pool.submit(_alone, work, key)
        return len(self._under_way)

    def close(self) -> None:
        self._stopped.set()
        self._pool.shutdown(wait=True)

    def _serve(self, receiver: int) -> None:
        while not self._stopped.is_set():
            delivery = claim(receiver, self._clock())
            if delivery is None:
                return
            failure = self._failure(delivery)
            settle(delivery, failure, self._clock())
            if failure:
                self.failed += 1
                log.warning("receiver %s, delivery %s, try %s: %s", receiver, delivery.number, delivery.tries, failure)
                return
            self.delivered += 1

    def _failure(self, delivery: Delivery) -> str:
        """Why it did not arrive; empty if it did."""
        try:
            send(delivery, self._clock())
        except NotSentError as error:
            return str(error)
        except Exception as error:
            log.exception("receiver %s, delivery %s", delivery.receiver_id, delivery.number)
            return reason(Why.FAILED, type(error).__name__)
        return ""

    def _feed(self, receiver: int) -> None:
        while not self._stopped.is_set():
            batch = claim_batch(receiver, self._clock())
            if batch is None:
                return
            number, failure = send_batch(batch, self._clock())
            settle_batch(batch, number, failure, self._clock())
            self.events += sum(one.number <= number for one in batch.events)
            if failure:
                self.failed += 1
                log.warning("receiver %s, events after %s: %s", receiver, number, failure)
                return

    def _sign(self, receiver: int) -> None:
        self.signs += give_sign(receiver, self._clock())


def _alone(work: Callable[[int], None], receiver: int) -> None:
    """Within a thread, whose connection to the database is closed with it."""
    close_old_connections()
    try:
        work(receiver)
    except Error as error:  # what was sent meanwhile and not noted is sent again
        log.warning("receiver %s: the database is away: %s", receiver, error)
    finally:
        connection.close()
