"""What has been done about an alarm, and whether it stands long or comes again and again (STA-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _l

from wakeup.models import Alarm

#: An alarm that stands longer than this is a standing one (EEMUA 191).
STANDING_AFTER: Final = timedelta(hours=24)
#: So many of one place within this repeat.
REPEATING: Final = 3
REPEATING_WITHIN: Final = timedelta(hours=24)
#: So many of one place within this chatter. ISA-18.2 says a minute; an alarm waits for two before it is raised.
CHATTERING_WITHIN: Final = timedelta(minutes=10)


class State(TextChoices):
    OPEN = "open", _l("open")
    SHELVED = "shelved", _l("shelved")
    ENDED = "ended", _l("ended")


def is_shelved(alarm: Alarm, now: datetime) -> bool:
    return alarm.ended_at is None and alarm.shelved_until is not None and alarm.shelved_until > now


def in_state(alarms: QuerySet[Any], state: str, now: datetime) -> QuerySet[Any]:
    """What is shelved is not open: it comes back by itself when its time is over."""
    if state == State.ENDED:
        return alarms.exclude(ended_at=None)
    shelved = Q(shelved_until__gt=now)
    wanted = shelved if state == State.SHELVED else ~shelved | Q(shelved_until=None)
    found: QuerySet[Any] = alarms.filter(wanted, ended_at=None)
    return found


def with_repeats(alarms: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate how many alarms of the same place were raised within a day, and within minutes, up to each."""
    found: QuerySet[Any] = alarms.annotate(
        raised_in_day=_raised_within(REPEATING_WITHIN), raised_in_minutes=_raised_within(CHATTERING_WITHIN)
    )
    return found


def _raised_within(span: timedelta) -> Any:
    raised_at = OuterRef("raised_at")
    begin = ExpressionWrapper(raised_at - Value(span), output_field=DateTimeField())
    whose = Coalesce("company", Value(0), output_field=IntegerField())
    same = Alarm.objects.annotate(whose=whose).filter(
        Q(kind=OuterRef("kind")) | ~Q(place=""),
        place=OuterRef("place"),
        whose=Coalesce(OuterRef("company"), Value(0), output_field=IntegerField()),
        raised_at__gt=begin,
        raised_at__lte=raised_at,
    )
    number = same.order_by().values("place").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), F("priority") * 0)
