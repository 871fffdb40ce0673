"""A listener's numbers in the text format of Prometheus (LIS-7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import Gauge, generate_latest

from smmeplus.common.version import version
from wakeup.listener.metrics import NAMESPACE, Levels, Metrics
from wakeup.models.listeners import WaitsFor


def make_exposition(metrics: Metrics, levels: Callable[[], Levels]) -> Callable[[], bytes]:
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
    gauge("uptime_seconds", "Since the listener started.").set_function(lambda: levels().uptime_s)
    if levels().certificate_ends_at is not None:
        gauge("tls_certificate_expires_timestamp_seconds", "When the certificate for TLS ends.").set_function(
            lambda: ends_at.timestamp() if (ends_at := levels().certificate_ends_at) else 0
        )
    gauge("build_info", "Always 1; the version is its label.", ["version"]).labels(version()).set(1)
    return partial(generate_latest, metrics.registry)
