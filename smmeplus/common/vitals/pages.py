"""What the pages of every service have in common: numbers of its process, and how its health is told (OPS-2)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from smmeplus.common.version import version
from smmeplus.common.vitals.http import Endpoint, Page

#: Seconds, of what waits for a disk up to what takes a minute.
TIMES_S: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)

# All begin with their process, whose uptime is a metric already.
disable_created_metrics()  # type: ignore[no-untyped-call]


def service_registry(namespace: str, clock: Callable[[], float] = time.monotonic) -> CollectorRegistry:
    """A registry with what every process tells: `process_…`, and under ``namespace`` its version and uptime."""
    registry = CollectorRegistry()
    began = clock()
    add_process(registry, namespace, lambda: clock() - began)
    return registry


def add_process(registry: CollectorRegistry, namespace: str, uptime_s: Callable[[], float]) -> None:
    """Memory, open files and their limit, processor time and start, beside the version and the uptime."""
    ProcessCollector(registry=registry)
    gauge = partial(Gauge, namespace=namespace, registry=registry)
    gauge("uptime_seconds", "Since the process began its work.").set_function(uptime_s)
    gauge("build_info", "Always 1; the version is its label.", ["version"]).labels(version()).set(1)


def pages(registry: CollectorRegistry, health: Callable[[], Page]) -> Endpoint:
    """`/metrics` of ``registry`` and `/healthz`."""
    return Endpoint({"/metrics": lambda: metrics_page(registry), "/healthz": health})


def metrics_page(registry: CollectorRegistry) -> Page:
    return Page(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(registry))


def health_page(problem: str, warning: str = "") -> Page:
    """200 with ``{"live": true, "ready": true}``, or 503 with ``ready`` false and ``problem`` as the ``reason``.

    ``warning``: what needs somebody although the service can work.
    """
    said: Mapping[str, object] = {
        "live": True,
        "ready": not problem,
        **({"reason": problem} if problem else {}),
        **({"warning": warning} if warning else {}),
    }
    status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
    return Page(status, "application/json", json.dumps(said).encode())
