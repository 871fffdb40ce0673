"""Every metric that the product shows, by the names that Prometheus knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prometheus_client import Metric

from concentrators.configuration.writer import Plan, Writer
from concentrators.management.commands.importmeters import passes_over
from concentrators.meters.importing.folder import Folder
from smmeplus.metrics import web
from smmeplus.metrics.figures import Figures
from smmeplus.metrics.fleet import Fleet
from wakeup.listener.metrics import Levels, Metrics
from wakeup.listener.vitals.exposition import make_exposition
from wakeup.management.commands.canary import passes_of_canary
from wakeup.management.commands.watchstatus import Watching
from wakeup.monitoring.notifications.sending.sender import Sender
from wakeup.writing import Vitals

AT = datetime(2026, 4, 15, tzinfo=UTC)


def shown_names() -> set[str]:
    """Of families and of their samples, as ``…_bucket``."""
    families = [family for registry in _registries() for family in registry.collect()]
    return {name for family in families for name in _names(family)} | {"up"}


def _registries() -> Iterable[Any]:
    listener = Metrics()
    make_exposition(listener, lambda: Levels(0, 0, 0, False, 0.0, certificate_ends_at=AT))
    yield listener.registry
    writer = Writer(Plan())
    writer.figures.states = {"failed": 1}
    yield Vitals(writer)._registry()
    yield Watching().passes.registry
    yield Sender().passes.registry
    yield passes_over(Folder(Path(), lambda *_: None), 60).registry  # type: ignore[arg-type]
    yield passes_of_canary().registry
    yield web._registry
    yield web._BUILD
    yield Fleet(_all_of_it)


def _all_of_it(_now: datetime) -> Figures:
    """With the times that are not there while something has never been."""
    return Figures(
        statuses={("Chile", "late"): 1},
        states={("Chile", "in field"): 1},
        came={"Chile": 1.0},
        due={"Chile": 1.0},
        heard={"Chile": AT},
        counted_until=AT,
        strays={"unknown": 1},
        waiting=1,
        waiting_since=AT,
        alarms={("high", "no"): 1},
        cause="ok",
        unmailed={"daily": 1},
        months_at=AT,
        listeners=1,
        prune_behind=timedelta(0),
        partitions_until=AT,
    )


def _names(family: Metric) -> Iterable[str]:
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
    return [family.name + ending for ending in endings]
