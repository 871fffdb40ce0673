"""A listener's numbers in the text format of Prometheus (LIS-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from smmeplus.common.version import version
from smmeplus.dlms.kinds import Kind
from wakeup.listener.metrics import Histogram, Levels, Metrics
from wakeup.models import Format

_PREFIX = "smmeplus_listener_"


def make_exposition(metrics: Metrics, levels: Callable[[], Levels]) -> Callable[[], bytes]:
    """A function that renders the numbers as they are then, from a registry that holds nothing else."""
    registry = CollectorRegistry()
    registry.register(_Numbers(metrics, levels, version()))
    return lambda: generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, metrics: Metrics, levels: Callable[[], Levels], version: str) -> None:
        self._metrics, self._levels, self._version = metrics, levels, version

    def collect(self) -> Iterable[Metric]:
        yield from self._counters()
        yield from self._histograms()
        yield from self._gauges()

    def _counters(self) -> Iterable[Metric]:
        metrics = self._metrics
        accepted = [((Kind(kind).word, Format(form).name.lower()), n) for (kind, form), n in metrics.accepted.items()]
        yield _counter("messages", "Messages stored and counted.", accepted, ("kind", "format"))
        strays = [((str(reason),), n) for reason, n in metrics.strays.items()]
        yield _counter("stray_frames", "Frames stored that belong to no concentrator in field.", strays, ("reason",))
        cut_off = [((why,), n) for why, n in metrics.cut_off.items()]
        yield _counter("connections_cut_off", "Connections turned away or cut off.", cut_off, ("why",))
        yield _counter("connections", "Connections accepted.", [((), metrics.connections)])
        yield _counter("failed_frames", "Frames not stored, their connections reset.", [((), metrics.failed)])
        yield _counter("dropped_datagrams", "Datagrams without room.", [((), metrics.dropped_datagrams)])

    def _histograms(self) -> Iterable[Metric]:
        metrics = self._metrics
        yield _histogram("batch_size", "Frames of one transaction.", metrics.batch_sizes)
        yield _histogram("commit_seconds", "Time of one transaction.", metrics.commit_s)
        yield _histogram("answer_seconds", "From a batch's oldest frame until all are answered.", metrics.answer_s)

    def _gauges(self) -> Iterable[Metric]:
        levels = self._levels()
        yield _gauge("connections_open", "Connections open now.", levels.connections)
        yield _gauge("queue_frames", "Frames of connections that wait for their answer.", levels.queue)
        yield _gauge("queue_datagrams", "Datagrams that are not stored yet.", levels.datagrams)
        yield _gauge("database_away", "1 while the database takes nothing.", int(levels.is_away))
        yield _gauge("uptime_seconds", "Since the listener started.", levels.uptime_s)
        info = GaugeMetricFamily(f"{_PREFIX}build_info", "Always 1; the version is its label.", labels=["version"])
        info.add_metric([self._version], 1)
        yield info


def _counter(
    name: str, text: str, numbers: Iterable[tuple[tuple[str, ...], int]], labels: tuple[str, ...] = ()
) -> CounterMetricFamily:
    family = CounterMetricFamily(_PREFIX + name, text, labels=labels)
    for values, number in sorted(numbers):
        family.add_metric(values, number)
    return family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(_PREFIX + name, text, value)


def _histogram(name: str, text: str, histogram: Histogram) -> HistogramMetricFamily:
    bounds = [*map(floatToGoString, histogram.bounds), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(_PREFIX + name, text, buckets=buckets, sum_value=histogram.total)
