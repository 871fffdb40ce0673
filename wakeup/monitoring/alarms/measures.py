"""The alarm load as people read it: each figure with its limit, and a word on whether it is kept (STA-9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, sees_all
from wakeup.models.alarms import Priority
from wakeup.models.outages import Quality
from wakeup.monitoring.alarms.load import Figures, figures_of

#: The times that are shown, in hours, each up to now.
PERIODS: Final = (24, 7 * 24, 30 * 24)
#: Of fewer alarms shares say nothing.
FEW: Final = 20

Figure = float | None


@dataclass(frozen=True)
class Measure:
    """``value`` of it; ``limit`` in words. ``keeps`` is None where nobody has set a limit."""

    name: str
    label: Any
    value: Callable[[Figures], Figure]
    limit: Any = ""
    keeps: Callable[[float], bool] | None = None
    is_percent: bool = False
    needs: int = 0  # alarms, below which it is not judged

    def is_kept(self, figures: Figures) -> bool | None:
        value = self.value(figures)
        if value is None or self.keeps is None or figures.raised < self.needs:
            return None
        return self.keeps(value)

    def shown(self, figures: Figures) -> str:
        value = self.value(figures)
        if value is None:
            return "—"
        if isinstance(value, int):
            return formats.number_format(value, force_grouping=True)
        rounded = formats.number_format(round(value, 1), 1)
        return _("%(number)s %%") % {"number": rounded} if self.is_percent else rounded


def _share(name: str, label: Any, priority: Priority, limit: Any, keeps: Callable[[float], bool]) -> Measure:
    return Measure(name, label, lambda one: one.percent_of(priority), limit, keeps, is_percent=True, needs=FEW)


MEASURES: Final[Sequence[Measure]] = (
    Measure("raised", _l("Alarms raised"), lambda one: one.raised),
    Measure(
        "alarms_per_hour",
        _l("Alarms per hour, on average"),
        lambda one: one.per_hour,
        _l("6 at most"),
        lambda n: n <= 6,
    ),
    Measure(
        "flooded_percent",
        _l("Periods of 10 minutes with more than 10 alarms"),
        lambda one: one.flooded_percent,
        _l("less than 1 %"),
        lambda share: share < 1,
        is_percent=True,
    ),
    Measure(
        "standing",
        _l("Alarms that stand for more than a day"),
        lambda one: one.standing,
        _l("less than 10"),
        lambda number: number < 10,
    ),
    Measure("chattering", _l("Chattering places"), lambda one: one.chattering, _l("none"), lambda number: number == 0),
    Measure("repeating", _l("Repeating places"), lambda one: one.repeating),
    _share("low_percent", _l("Low priority"), Priority.LOW, _l("about 80 %"), lambda share: share >= 65),
    _share("medium_percent", _l("Medium priority"), Priority.MEDIUM, _l("about 15 %"), lambda share: share <= 25),
    _share("high_percent", _l("High priority"), Priority.HIGH, _l("about 5 %"), lambda share: share <= 10),
    Measure("judged", _l("Alarms judged as false or real"), lambda one: one.judged),
    Measure("false_percent", _l("False alarms among them"), lambda one: one.false_percent, is_percent=True),
    Measure("booted", _l("Outages that a boot ended"), lambda one: one.booted),
    Measure("announced_percent", _l("Announced by a last gasp"), lambda one: one.announced_percent, is_percent=True),
    *(
        Measure(
            f"{quality.value}_percent",
            label,
            lambda one, quality=quality: one.quality_percent(quality),  # type: ignore[misc] # mypy: a default of a lambda
            is_percent=True,
        )
        for quality, label in (
            (Quality.MEASURED, _l("Outages measured from begin to end")),
            (Quality.RESTORED, _l("Outages of which the end alone is measured")),
            (Quality.INFERRED, _l("Outages inferred from silence")),
        )
    ),
)


class Cell(NamedTuple):
    shown: str
    is_kept: bool | None


def load_for(user: AnyUser, now: datetime) -> list[Figures]:
    """What ``user`` has had to read, in each of PERIODS up to ``now``."""
    seen = None if sees_all(user) else list(Company.objects.visible_to(user).values_list("pk", flat=True))
    return figures_of(seen, [(now - timedelta(hours=hours), now) for hours in PERIODS])


def as_table(load: Sequence[Figures]) -> list[tuple[Measure, list[Cell]]]:
    return [
        (measure, [Cell(measure.shown(figures), measure.is_kept(figures)) for figures in load]) for measure in MEASURES
    ]
