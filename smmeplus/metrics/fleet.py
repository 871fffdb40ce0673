"""The figures of the fleet as Prometheus reads them: asked for at most every half minute, however many ask (OPS-2)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from django.db import Error
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from smmeplus.metrics.figures import Figures, causes, figures_at

log = logging.getLogger(__name__)

NAMESPACE: Final = "smmeplus_fleet"
KEPT_S: Final = 30.0
Key = TypeVar("Key", bound=tuple[str, ...])


class Fleet(Collector):
    """``clock`` counts seconds as ``time.monotonic``. While the database is away only ``readable`` is there, as 0."""

    def __init__(
        self,
        look: Callable[[datetime], Figures] = figures_at,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._clock = look, clock
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._figures: Figures | None = None

    def collect(self) -> Iterable[Metric]:
        figures = self._current()
        yield _gauge("readable", "1 if the database could be asked for the fleet.", 0 if figures is None else 1)
        if figures is not None:
            yield from _of_companies(figures)
            yield from _of_all(figures)

    def _current(self) -> Figures | None:
        with self._lock:
            if self._looked_at is None or self._clock() - self._looked_at >= KEPT_S:
                self._figures = self._asked()
                self._looked_at = self._clock()
            return self._figures

    def _asked(self) -> Figures | None:
        try:
            return self._look(timezone.now())
        except Error as error:
            log.warning("no figures of the fleet: %s", str(error).partition("\n")[0])
            return None


def _of_companies(figures: Figures) -> Iterator[Metric]:
    yield _labelled(
        "concentrators", "In field, by status as watchstatus recorded it.", ("company", "status"), figures.statuses
    )
    yield _labelled("inventory", "Concentrators of the inventory, by state.", ("company", "state"), figures.states)
    yield _by("wakeups_per_minute", "Wake-ups that came, over ten minutes.", "company", figures.came)
    yield _by("wakeups_expected_per_minute", "Wake-ups that were due.", "company", figures.due)
    heard = {company: at.timestamp() for company, at in figures.heard.items()}
    yield _by("last_message_timestamp_seconds", "The last minute with a message.", "company", heard)


def _of_all(figures: Figures) -> Iterator[Metric]:
    yield _by("strays", "Unknown senders that are listed.", "reason", figures.strays)
    yield _labelled("alarms_open", "Open alarms.", ("priority", "acknowledged"), figures.alarms)
    judged = {cause: float(cause == figures.cause) for cause in causes()}
    yield _by("verdict", "1 for whose fault silence is now.", "cause", judged)
    yield _by("reports_unmailed", "Subscriptions whose report was not mailed for days.", "kind", figures.unmailed)
    yield _gauge("listeners", "Listeners that run.", figures.listeners)
    yield _gauge("deliveries_due", "Notifications that should be out by now.", figures.waiting)
    since = figures.waiting_since
    waits_s = (timezone.now() - since).total_seconds() if since else 0.0
    yield _gauge("delivery_wait_seconds", "For how long the oldest of them has waited.", waits_s)
    behind_s = figures.prune_behind.total_seconds()
    yield _gauge("prune_behind_seconds", "For how long messages should have been pruned.", behind_s)
    yield from _moment("counted_until_timestamp_seconds", "The last minute that was counted.", figures.counted_until)
    yield from _moment("months_stored_timestamp_seconds", "When storemonths last ran.", figures.months_at)
    yield from _moment("partitions_until_timestamp_seconds", "The end of the last partition.", figures.partitions_until)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{NAMESPACE}_{name}", text, value)


def _moment(name: str, text: str, at: datetime | None) -> Iterator[GaugeMetricFamily]:
    """Nothing while it has never been: a time of 0 would look like an age of decades."""
    if at is not None:
        yield _gauge(name, text, at.timestamp())


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    return _labelled(name, text, (label,), {(key,): value for key, value in values.items()})


def _labelled(name: str, text: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
