"""PER-7: memory of a listener with 10,000 open connections, each of which has sent a message."""

from __future__ import annotations

from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target
from tests.bench.processor import resident_mib
from tests.bench.sender import hold_open, release_all

CONNECTIONS = 10_000


def measure(context: Context) -> list[Result]:
    listener = context.new_listener()
    before = resident_mib(listener.pid)
    context.against(listener, hold_open, CONNECTIONS)
    held = resident_mib(listener.pid)
    context.senders.run(release_all)
    each = 1024 * (held - before) / CONNECTIONS
    return [
        Result(
            "PER-7",
            f"memory with {CONNECTIONS:,} open connections",
            "MiB",
            Spread.of([held]),
            target=Target("<", 200, "MB"),
            notes=[f"{before:.0f} MiB before; {each:.1f} KiB a connection"],
        )
    ]
