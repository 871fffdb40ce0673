"""How far writing the configuration into one concentrator has got, for its page (CON-6, CFG-1…3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from concentrators.configuration.addresses import Address, address_of
from concentrators.configuration.values import desired_values
from concentrators.models import Concentrator, Configuration, ConfigurationState, Failure, Parameter, State
from profiles.models import SpontaneousProfile, SystemSettings


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A parameter: what its profile asks for now, and what is known of the device; empty texts where nothing is."""

    parameter: Parameter
    desired: str
    written: str
    written_at: datetime | None
    read_back: str
    read_at: datetime | None

    @property
    def label(self) -> str:
        return str(self.parameter.label)

    @property
    def differs(self) -> bool:
        return self.read_at is not None and self.read_back != self.desired


@dataclass(frozen=True, slots=True)
class ShownConfiguration:
    """``configuration`` with its reason in words.

    ``heard_unreachable_since`` is set only if it has sent a wake-up since it could not be connected to any more.
    """

    configuration: Configuration
    state: ConfigurationState
    reason: str
    values: Sequence[ShownValue]
    heard_unreachable_since: datetime | None
    nothing_is_written: bool
    address: Address

    @classmethod
    def of(cls, one: Concentrator, system: SystemSettings) -> ShownConfiguration | None:
        """That of ``one``; None if it is not in field, or nobody has noted what is to be written."""
        configuration: Configuration | None = getattr(one, "configuration", None)
        if configuration is None or one.profile is None or one.state != State.IN_FIELD:
            return None
        return cls(
            configuration,
            ConfigurationState(configuration.state),
            configuration.reason,
            shown_values(one, one.profile, configuration, system),
            configuration.unreachable_since if _is_heard(one, configuration) else None,
            not settings.WRITER_NETWORKS,
            address_of(one, total.source_ip if (total := getattr(one, "total", None)) else None),
        )

    @property
    def refusal(self) -> str:
        """Why it cannot even be connected to, if so; without networks that is said of all concentrators."""
        outside = self.nothing_is_written and self.address.refusal is Failure.OUTSIDE
        return "" if outside or not self.address.refusal else str(self.address.refusal.label)

    @property
    def is_waiting(self) -> bool:
        """Whether the next try is at a time that is known; None after the last one of its procedure."""
        is_due = self.configuration.next_try_at is not None and not self.configuration.waits
        return is_due and self.state in (ConfigurationState.PENDING, ConfigurationState.FAILED)


def shown_values(
    one: Concentrator, profile: SpontaneousProfile, configuration: Configuration, system: SystemSettings
) -> list[ShownValue]:
    """Each parameter in the order of writing, from the values of ``configuration``, which may be prefetched."""
    known = {value.parameter: value for value in configuration.values.all()}
    shown = []
    for desired in desired_values(profile, one.type, system):
        value = known.get(desired.parameter)
        if value is None:
            shown.append(ShownValue(desired.parameter, desired.text, "", None, "", None))
        else:
            device = (value.written, value.written_at, value.read_back, value.read_at)
            shown.append(ShownValue(desired.parameter, desired.text, *device))
    return shown


def _is_heard(one: Concentrator, configuration: Configuration) -> bool:
    """The same as ``heard_not_reachable`` of the writer, for one that is loaded."""
    total, since = getattr(one, "total", None), configuration.unreachable_since
    return bool(since and total and total.last_wakeup_at and total.last_wakeup_at > since)
