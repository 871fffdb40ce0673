"""How noisy the machine was: one and the same server measured twice in each round, against itself.

A ratio of two figures that lies within this spread may be chance.
"""

from __future__ import annotations

import os

from tests.bench.context import Context
from tests.bench.figures import Result, compared
from tests.bench.per1 import AT_ONCE, SECONDS
from tests.bench.sender import one_connection_each


def measure(context: Context) -> list[Result]:
    pairs = [(_rate(context), _rate(context)) for _ in range(context.rounds)]
    first, second = zip(*pairs, strict=True)
    notes = [f"load of the machine {os.getloadavg()[0]:.1f}, of {os.cpu_count()} processors"]
    return [compared("noise", "bare echo server", "messages/s", first, "the same again", second, None, notes)]


def _rate(context: Context) -> float:
    return context.against_echo(1, one_connection_each, SECONDS, AT_ONCE).outcome.rate
