"""What may happen in a scenario, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from concentrators.models import PlannedScope

if TYPE_CHECKING:
    from tests.world.world import World


class Event(Protocol):
    async def happen(self, world: World) -> None: ...


@dataclass(frozen=True)
class PowerLost:
    """A group goes dark. Each concentrator sends a last gasp.

    This share of them is lost, and chance says which; the others take ``gasps_take_s`` longer than usual.
    """

    group: str
    gasps_lost: float = 0.0
    gasps_take_s: float = 0.0

    async def happen(self, world: World) -> None:
        serials = world.groups[self.group]
        lost = world.chance.sample(serials, round(self.gasps_lost * len(serials)))
        world.network.lose_datagrams_of(world.source_of[serial] for serial in lost)
        for serial in serials:
            world.network.delay_datagrams_of(world.source_of[serial], self.gasps_take_s)
            world.network.switch_off(world.source_of[serial])
            world.fleet.cut_off(serial)


@dataclass(frozen=True)
class PowerRestored:
    group: str

    async def happen(self, world: World) -> None:
        for serial in world.groups[self.group]:
            world.fleet.switch_on(serial)


@dataclass(frozen=True)
class WorkPlanned:
    """Somebody plans work on the feeder, or on all of the substation, of a group, from ``begin`` to ``end``."""

    group: str
    begin: str
    end: str
    scope: PlannedScope = PlannedScope.FEEDER

    async def happen(self, world: World) -> None:
        world.plan(self.group, self.begin, self.end, self.scope)


@dataclass(frozen=True)
class ClocksSet:
    """Somebody sets the clocks of a group right."""

    group: str

    async def happen(self, world: World) -> None:
        for serial in world.groups[self.group]:
            del world.sender.clock_off[serial]


@dataclass(frozen=True)
class NetworkLost:
    """The way of these groups to the service is cut, as when their carrier fails."""

    groups: tuple[str, ...]

    async def happen(self, world: World) -> None:
        world.network.cut("+".join(self.groups), world.sources_of(*self.groups))


@dataclass(frozen=True)
class NetworkRestored:
    groups: tuple[str, ...]

    async def happen(self, world: World) -> None:
        world.network.heal("+".join(self.groups))


@dataclass(frozen=True)
class BalancerCut:
    """Nothing reaches our address, whoever sends it."""

    async def happen(self, world: World) -> None:
        world.network.cut("balancer", [world.service.host])


@dataclass(frozen=True)
class BalancerRestored:
    async def happen(self, world: World) -> None:
        world.network.heal("balancer")


@dataclass(frozen=True)
class ListenerDies:
    number: int = 0

    async def happen(self, world: World) -> None:
        await world.kill_listener(self.number)


@dataclass(frozen=True)
class ListenerStarts:
    number: int = 0

    async def happen(self, world: World) -> None:
        world.start_listener(self.number)


@dataclass(frozen=True)
class DatabaseLost:
    async def happen(self, world: World) -> None:
        world.database.is_away = True


@dataclass(frozen=True)
class DatabaseRestored:
    async def happen(self, world: World) -> None:
        world.database.is_away = False
