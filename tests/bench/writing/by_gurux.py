"""gurux_dlms in a process of its own, with threads."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from tests.bench.writing.devices import Site
from tests.bench.writing.fleet import PERIOD_MIN, RETRIES, WAKEUP_IP, WAKEUP_PORT
from tests.support.gurux.client import Concentrator
from tests.support.gurux.values import Values

_WANTED = Values(destination=f"{WAKEUP_IP}:{WAKEUP_PORT}", retries=RETRIES, period=PERIOD_MIN)


def work(sites: Sequence[Site], threads: int) -> float:
    """The seconds until so many ``threads`` have written them all."""
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _one in pool.map(_write, sites):
            pass
    return perf_counter() - began


def _write(site: Site) -> None:
    concentrator = Concentrator(site.host, site.port)
    assert concentrator.identity() == site.serial
    before = concentrator.values()
    after = concentrator.write(_WANTED, before)
    assert after.period == PERIOD_MIN
    concentrator.release()
