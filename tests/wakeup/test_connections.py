"""A connection that we do not read from is not blamed for it (LIS-3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.dlms.vectors import BY_NAME
from wakeup.listener import intake as intake_module
from wakeup.listener.connections import Connection, Connections, Limits
from wakeup.listener.intake import Intake

FRAME = BY_NAME["DN-P-cerco1"].frame
LONG_AGO = 1_000.0


class Transport(asyncio.Transport):
    """Remembers whether it reads and whether it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("10.60.0.10", 1)})
        self.reads = True
        self.closed = False

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def is_reading(self) -> bool:
        return self.reads

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def write(self, data: Any) -> None:
        assert data


def store_nothing(*_batch: object) -> None:
    """A database that takes everything."""


def test_half_a_frame_may_wait_as_long_as_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "MAX_PENDING", 1)

    async def work() -> None:
        intake = Intake(1, store_nothing)
        connection, transport = Connection(Connections(intake, 58_692, Limits())), Transport()
        connection.connection_made(transport)
        connection.data_received(FRAME + FRAME[:10])
        assert not transport.is_reading(), "full"
        now = asyncio.get_running_loop().time()
        connection.close_if_idle(now + LONG_AGO)
        assert await intake.finish(10)
        assert transport.is_reading(), "room again"
        connection.close_if_idle(asyncio.get_running_loop().time())
        connection.data_received(FRAME[10:])
        assert await intake.finish(10)
        assert not transport.closed
        await intake.stop()

    asyncio.run(work())


def test_half_a_frame_that_we_wait_for_is_refused_in_time() -> None:
    async def work() -> None:
        intake = Intake(1, store_nothing)
        connection, transport = Connection(Connections(intake, 58_692, Limits())), Transport()
        connection.connection_made(transport)
        connection.data_received(FRAME[:10])
        connection.close_if_idle(asyncio.get_running_loop().time() + LONG_AGO)
        assert await intake.finish(10)
        assert transport.closed
        await intake.stop()

    asyncio.run(work())
