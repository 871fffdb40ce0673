"""The passes of a service that looks again and again for what is due: counted, timed, and told whether they succeed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from django.db import Error, connection
from prometheus_client import Counter, Gauge, Histogram

from smmeplus.common.vitals.http import Endpoint, Page
from smmeplus.common.vitals.ids import begin_batch
from smmeplus.common.vitals.pages import TIMES_S, health_page, pages, service_registry

log = logging.getLogger(__name__)

DONE: Final = "done"
FAILED: Final = "failed"


class Passes:
    """``namespace`` is that of the metrics. Without a pass that succeeds for ``stuck_s`` seconds it does not work.

    ``clock`` counts seconds as ``time.monotonic``.
    """

    def __init__(self, namespace: str, stuck_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.namespace = namespace
        self.registry = service_registry(namespace, clock)
        self._stuck_s = stuck_s
        self._clock = clock
        self._done_at = clock()
        self._failure, self._is_failing = "", False
        counter = partial(Counter, namespace=namespace, registry=self.registry)
        histogram = partial(Histogram, namespace=namespace, registry=self.registry)
        gauge = partial(Gauge, namespace=namespace, registry=self.registry)
        self._passes = counter("passes", "Looks for what is due, by whether they came to their end.", ["outcome"])
        self._times = histogram("pass_seconds", "Time of one pass.", buckets=TIMES_S)
        for outcome in (DONE, FAILED):
            self._passes.labels(outcome)
        gauge("since_pass_seconds", "Since a pass last came to its end.").set_function(lambda: self.since_pass_s)
        gauge("pass_fails", "1 while passes fail: the database is away, or a folder.").set_function(
            lambda: bool(self._failure)
        )

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around one pass. A database that is away ends it, is told, and is no error: the next pass tries again."""
        begin_batch()
        began, self._is_failing = self._clock(), False
        try:
            yield
        except Error as error:
            log.warning("the database is away: %s", error)
            self.fail(f"the database is away: {error}")
            connection.close()
        except BaseException:
            self._passes.labels(FAILED).inc()
            raise
        self._passes.labels(FAILED if self._is_failing else DONE).inc()
        self._times.observe(self._clock() - began)
        if not self._is_failing:
            self._done_at, self._failure = self._clock(), ""

    def fail(self, reason: str) -> None:
        """The pass that is under way does not do its work, for ``reason``."""
        self._is_failing = True
        self._failure = reason.partition("\n")[0]

    @property
    def since_pass_s(self) -> float:
        return self._clock() - self._done_at

    @property
    def problem(self) -> str:
        """Why it does not work, in words; empty while it does."""
        if self._failure:
            return f"for {self.since_pass_s:.0f} s {self._failure}"
        return f"no pass came to its end for {self.since_pass_s:.0f} s" if self.since_pass_s > self._stuck_s else ""

    def page(self) -> Page:
        return health_page(self.problem)

    def endpoint(self) -> Endpoint:
        return pages(self.registry, self.page)
