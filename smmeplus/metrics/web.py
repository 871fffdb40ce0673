"""Requests of the web, counted and timed, and `/metrics` for those whom METRICS_NETWORKS names (OPS-2).

Several processes of the web share their numbers in the folder PROMETHEUS_MULTIPROC_DIR, which must be empty when they
start. Without it each has its own, and shows those of whichever is asked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from smmeplus.common.networks import is_within, read_networks
from smmeplus.common.version import version
from smmeplus.common.vitals.pages import TIMES_S, metrics_page
from smmeplus.metrics.fleet import Fleet
from smmeplus.people.addresses import address_of

PATH: Final = "/metrics"
NAMESPACE: Final = "smmeplus_web"
#: What is asked for, by how its path begins.
AREAS: Final = {"/api/": "api", "/admin/": "admin", "/static/": "static", "/healthz": "health", "/": "pages"}
STATUSES: Final = ("2xx", "3xx", "4xx", "5xx")

_registry = CollectorRegistry()
_requests = Counter("requests", "Requests answered.", ["area", "status"], namespace=NAMESPACE, registry=_registry)
_times = Histogram(
    "request_seconds",
    "From a request until its answer begins.",
    ["area"],
    namespace=NAMESPACE,
    registry=_registry,
    buckets=TIMES_S,
)
for _area in AREAS.values():
    _times.labels(_area)
    for _status in STATUSES:
        _requests.labels(_area, _status)


class MetricsMiddleware:
    """Before all others, as a balancer's health check is: who scrapes has no name of ours and no sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH and may_read(request):
            return page()
        began = time.perf_counter()
        response = self._get_response(request)
        area = area_of(request.path_info)
        _times.labels(area).observe(time.perf_counter() - began)
        _requests.labels(area, f"{response.status_code // 100}xx").inc()
        return response


def area_of(path: str) -> str:
    return next(area for beginning, area in AREAS.items() if path.startswith(beginning) or beginning == "/")


def may_read(request: HttpRequest) -> bool:
    """Others find nothing at the address, as at any that does not exist."""
    try:
        return is_within(address_of(request), read_networks(settings.METRICS_NETWORKS))
    except ValueError:  # no address at all, as over a socket of the file system
        return False


def page() -> HttpResponse:
    made = metrics_page(_shown())
    return HttpResponse(made.body, content_type=made.content_type)


def _shown() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(_BUILD)
    registry.register(_FLEET)
    return registry


class _Own(Collector):
    def collect(self) -> Iterable[Metric]:
        return _registry.collect()


class _Build(Collector):
    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(f"{NAMESPACE}_build_info", "Always 1; the version is its label.", labels=["version"])
        family.add_metric([version()], 1)
        yield family


_BUILD: Final = _Build()
_FLEET: Final = Fleet()
