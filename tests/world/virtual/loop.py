"""An event loop whose clock jumps: a month passes as fast as its work can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from tests.world.virtual.network import Network

#: Seconds. Timers closer together than this are due at once; a year in seconds, as a float, is exact to less.
RESOLUTION = 1e-6

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class StandstillError(Exception):
    """Nothing is ready and nothing is scheduled: what is awaited never comes."""


class WorldLoop(asyncio.BaseEventLoop):
    """``time()`` is in seconds since the loop was made, and moves only when nothing is left to do until then.

    ``moved`` is told the new time. Work for an executor is done at once, in the loop's own thread. Connections and
    datagrams go to ``network``; there are no others.
    """

    network: Network
    _scheduled: list[asyncio.TimerHandle]  # the base class's, soonest first

    def __init__(self, moved: Callable[[float], None] = lambda _: None) -> None:
        super().__init__()
        self._now = 0.0
        self._moved = moved
        self._clock_resolution = RESOLUTION
        self._selector = _Jumps(self)
        self.errors: list[BaseException] = []
        self.set_exception_handler(self._keep_error)

    def time(self) -> float:
        return self._now

    def jump(self) -> None:
        """Move the time to that of the next timer."""
        if not self._scheduled:
            raise StandstillError(f"At {self._now:g} s nothing is ready and nothing is scheduled any more.")
        self._now = max(self._now, self._scheduled[0].when())
        self._moved(self._now)

    def run_in_executor(
        self, executor: Any, func: Callable[[Unpack[Arguments]], T], *args: *Arguments
    ) -> asyncio.Future[T]:
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # raised again where it is awaited
            done.set_exception(error)
        return done

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        return await self.network.connect(protocol_factory, (host, port), options.get("local_addr"))

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **_: Any) -> Any:
        return self.network.listen(protocol_factory, (host, port))

    async def create_datagram_endpoint(
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **_: Any
    ) -> Any:
        return self.network.open_datagrams(protocol_factory, local_addr, remote_addr)

    def _keep_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.errors.append(context.get("exception") or RuntimeError(context["message"]))

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none: no file and no socket."""

    def _write_to_self(self) -> None:
        """Nobody wakes it up from another thread."""


class _Jumps:
    """In the place of a selector."""

    def __init__(self, loop: WorldLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout != 0:
            self._loop.jump()
        return []
