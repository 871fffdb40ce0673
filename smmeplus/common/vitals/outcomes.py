"""Numbers that a service counts itself, as one metric by what came of what it tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


def show_outcomes(registry: CollectorRegistry, name: str, text: str, numbers: Mapping[str, Callable[[], int]]) -> None:
    """Register ``name`` with a label ``outcome``: each of ``numbers`` is asked for whenever the metrics are read."""
    registry.register(_Outcomes(name, text, numbers))


class _Outcomes(Collector):
    def __init__(self, name: str, text: str, numbers: Mapping[str, Callable[[], int]]) -> None:
        self._name, self._text, self._numbers = name, text, numbers

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._text, labels=["outcome"])
        for outcome, number in self._numbers.items():
            family.add_metric([outcome], number())
        yield family
