"""The sender's processes: one is enough for all loads, and a second one shows that it is."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from typing import Concatenate, ParamSpec

from tests.bench.sender import Load, Outcome

_Arguments = ParamSpec("_Arguments")
Work = Callable[Concatenate[Load, int, _Arguments], Outcome]


class Senders:
    """Processes that send ``load``; each lives as long as ``stack``, from its first work on."""

    def __init__(self, load: Load, stack: ExitStack) -> None:
        self._load = load
        self._stack = stack
        self._processes: list[ProcessPoolExecutor] = []

    def pids(self, count: int) -> list[int]:
        """The process ids of the first ``count`` of them."""
        return [process.submit(os.getpid).result() for process in self._first(count)]

    def send(
        self, count: int, work: Work[_Arguments], port: int, *arguments: _Arguments.args, **options: _Arguments.kwargs
    ) -> Outcome:
        """Have ``count`` of them do the same ``work`` at the same time; what they reach together."""
        jobs = [process.submit(work, self._load, port, *arguments, **options) for process in self._first(count)]
        return together(job.result() for job in jobs)

    def run(self, work: Callable[[], None]) -> None:
        """Run ``work`` in the first of them."""
        self._first(1)[0].submit(work).result()

    def _first(self, count: int) -> list[ProcessPoolExecutor]:
        while len(self._processes) < count:
            process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            self._processes.append(self._stack.enter_context(process))
        return self._processes[:count]


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Outcomes of the same time as one."""
    whole = Outcome()
    for outcome in outcomes:
        whole.answered += outcome.answered
        whole.seconds = max(whole.seconds, outcome.seconds)
        whole.times += outcome.times
    return whole
