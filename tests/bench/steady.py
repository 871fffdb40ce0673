"""LIS-3: memory stays flat, over five million messages."""

from __future__ import annotations

from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target
from tests.bench.processor import resident_mib
from tests.bench.sender import many_in_flight

MESSAGES = 5_000_000
CONNECTIONS, IN_FLIGHT = 100, 50
SECONDS = 5.0  # between two looks at the memory
WARM_UP = 500_000  # messages


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    listener, sent, memory = context.new_listener(), 0, []
    while sent < MESSAGES:
        sent += context.against(listener, many_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT).outcome.answered
        if sent >= WARM_UP:
            memory.append(resident_mib(listener.pid))
    growth = memory[-1] / memory[0]
    notes = [f"{', '.join(f'{mib:.0f}' for mib in memory)} MiB in turn, over {sent:,} messages"]
    what = f"memory after {MESSAGES:,} messages as a multiple of that after {WARM_UP:,}"
    return [Result("LIS-3", what, "x", Spread.of([growth]), target=Target("≤", 1.1), notes=notes)]
