"""A listener's numbers in the text format of Prometheus (LIS-7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import Gauge

from smmeplus.common.vitals.http import Page
from smmeplus.common.vitals.pages import add_process, metrics_page
from wakeup.listener.metrics import NAMESPACE, Levels, Metrics
from wakeup.models.listeners import WaitsFor


def make_exposition(metrics: Metrics, levels: Callable[[], Levels]) -> Callable[[], Page]:
    """Register ``levels`` beside ``metrics``; the function returned renders all of them as they are when it is called.

    To be called once for each ``metrics``.
    """
    gauge = partial(Gauge, namespace=NAMESPACE, registry=metrics.registry)
    gauge("connections_open", "Connections open now.").set_function(lambda: levels().connections)
    gauge("queue_frames", "Frames of connections that wait for their answer.").set_function(lambda: levels().queue)
    gauge("queue_datagrams", "Datagrams that are not stored yet.").set_function(lambda: levels().datagrams)
    gauge("database_away", "1 while the database takes nothing.").set_function(lambda: levels().is_away)
    gauge("waits_for_standby", "1 while a commit waits for a standby.").set_function(
        lambda: levels().waits_for == WaitsFor.STANDBY
    )
    if levels().certificate_ends_at is not None:
        gauge("tls_certificate_expires_timestamp_seconds", "When the certificate for TLS ends.").set_function(
            lambda: ends_at.timestamp() if (ends_at := levels().certificate_ends_at) else 0
        )
    add_process(metrics.registry, NAMESPACE, lambda: levels().uptime_s)
    return partial(metrics_page, metrics.registry)
