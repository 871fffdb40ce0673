"""The configuration writer in a process of its own, as the command runs it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from tests.bench.measuring import set_up
from tests.bench.writing.devices import AT_REST


def process(url: str) -> ProcessPoolExecutor:
    """A process for ``work``, on the database at ``url``."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(url,))


def pid() -> int:
    return os.getpid()


def work() -> float:
    """The seconds until a writer has written all that is due."""
    from concentrators.configuration.writer import Plan, Writer
    from smmeplus.common.event_loop import run

    began = perf_counter()
    run(Writer(Plan(once=True)).run(asyncio.Event()))
    return perf_counter() - began


def _begin(url: str) -> None:
    os.environ.update(WRITER_NETWORKS="127.0.0.0/8", CONFIGURATION_KEYS=AT_REST)
    set_up(url)
