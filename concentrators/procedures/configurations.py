"""Notes what is to be written into concentrators, whenever their profile changes (CFG-1)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Least

from concentrators.models import Concentrator, Configuration, ConfigurationState, State
from concentrators.models.configuration import MOST_TRIES

_COLUMNS = (
    *("concentrator_id", "profile_id", "generation", "state", "since", "next_try_at"),
    *("failure", "detail", "failures", "tries", "held_by"),
)


def sync_configurations(concentrators: QuerySet[Concentrator], now: datetime, *, are_new: bool = False) -> None:
    """Make what is to be written fit the profiles of ``concentrators``, within the caller's transaction.

    One whose profile is the same keeps its state. Pass at most a few thousand at a time, as to ``sync_assignments``.
    """
    keys = list(concentrators.order_by().values_list("pk", flat=True))
    if not are_new:
        _change(Configuration.objects.filter(pk__in=keys), now)
    _insert(Concentrator.objects.filter(pk__in=keys, state=State.IN_FIELD, configuration=None), now)


def _change(existing: QuerySet[Configuration], now: datetime) -> None:
    is_another = Q(profile=None) | ~Q(profile=F("concentrator__profile"))
    profile = Subquery(Concentrator.objects.filter(pk=OuterRef("pk")).values("profile")[:1])
    existing.filter(is_another, concentrator__state=State.IN_FIELD).update(profile=profile, **_afresh(now))
    existing.filter(~Q(concentrator__state=State.IN_FIELD), profile__isnull=False).update(
        profile=None, **{**_afresh(now), "next_try_at": None}
    )


def try_again(configurations: QuerySet[Configuration], now: datetime) -> int:
    """Make ``configurations`` due now, if something is to be written and is not being written; return how many."""
    waiting = configurations.filter(profile__isnull=False).exclude(state=ConfigurationState.WRITING)
    return waiting.update(**_afresh(now))


def _afresh(now: datetime) -> dict[str, object]:
    """What an operator asks for is tried even on a day whose tries are used up: once."""
    return {
        "generation": F("generation") + 1,
        "state": ConfigurationState.PENDING,
        "since": now,
        "next_try_at": now,
        "wakes_from": None,
        "failure": "",
        "detail": "",
        "failures": 0,
        "tries": Least(F("tries"), Value(MOST_TRIES - 1)),
        "written_at": None,
        "confirmed_at": None,
    }


def _insert(concentrators: QuerySet[Concentrator], now: datetime) -> None:
    """A row for each, copied by the database itself."""
    at = Value(now, DateTimeField())
    values = ("pk", "profile", Value(1), Value(ConfigurationState.PENDING.value), at, at)
    rows = concentrators.order_by("pk").values_list(*values, Value(""), Value(""), Value(0), Value(0), Value(""))
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(connection.ops.quote_name(column) for column in _COLUMNS)
        table = Configuration._meta.db_table
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", parameters)
