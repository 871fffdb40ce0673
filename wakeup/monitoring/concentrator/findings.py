"""What trying to write has found out about who answers at which address, for a concentrator's page (CFG-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from concentrators.models import AnyUser, Concentrator, Configuration

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """``serial`` answered, or was asked for, at that time. ``is_known``: the user may look at its page."""

    serial: str
    at: datetime
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Findings:
    """``instead`` answered where this concentrator was asked for; it answered itself where ``others`` were."""

    instead: Answered | None
    others: Sequence[Answered]

    @classmethod
    def of(cls, one: Concentrator, user: AnyUser) -> Findings:
        """Those that ``user`` may see. One query, and another one if somebody else answered."""
        visible = Concentrator.objects.visible_to(user)
        asked = visible.filter(configuration__other_serial=one.serial_number, configuration__profile__isnull=False)
        rows = asked.order_by("-configuration__other_at").values_list("serial_number", "configuration__other_at")
        configuration: Configuration | None = getattr(one, "configuration", None)
        others = [Answered(serial, at) for serial, at in rows[:MOST_SHOWN] if at]
        if configuration is None or configuration.other_at is None or configuration.profile_id is None:
            return cls(None, others)
        serial = configuration.other_serial
        return cls(Answered(serial, configuration.other_at, visible.filter(serial_number=serial).exists()), others)
