"""Notes what is to be written into concentrators, whenever their profile changes (CFG-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Least

from concentrators.models import Concentrator, Configuration, ConfigurationState, State
from concentrators.models.configuration import MOST_TRIES
from concentrators.procedures.rolling import Place, Rolling
from smmeplus.common.chunks import in_keys

_COLUMNS = (
    *("concentrator_id", "profile_id", "generation", "state", "since", "next_try_at"),
    *("failure", "detail", "failures", "tries", "held_by", "disables", "roll_out_id", "waits"),
)


def sync_configurations(
    concentrators: QuerySet[Concentrator],
    rolling: Rolling,
    *,
    keys: Sequence[int] | None = None,
    are_new: bool = False,
    company: int | None = None,
) -> None:
    """Make what is to be written fit the profiles of ``concentrators``, within the caller's transaction.

    Those that change become members of the roll-out that ``rolling`` begins. One whose profile is the same keeps its
    state. Pass at most a few thousand at a time, as to ``sync_assignments``.
    """
    if keys is None:
        keys = list(concentrators.order_by().values_list("pk", flat=True))
    for place in rolling.add(keys, are_new=are_new, company=company):
        if not are_new:
            _change(Configuration.objects.filter(in_keys(place.keys)), place, rolling)
        placed = Concentrator.objects.filter(in_keys(place.keys), state=State.IN_FIELD)
        _insert(placed if are_new else placed.filter(configuration=None), place, rolling, are_new=are_new)


def _change(existing: QuerySet[Configuration], place: Place, rolling: Rolling) -> None:
    afresh = {**_afresh(rolling.now), "roll_out": place.roll_out, "waits": place.waits, "disables": False}
    is_another = Q(profile=None) | ~Q(profile=F("concentrator__profile"))
    profile = Subquery(Concentrator.objects.filter(pk=OuterRef("pk")).values("profile")[:1])
    existing.filter(is_another, concentrator__state=State.IN_FIELD).update(profile=profile, **afresh)
    removed = {"next_try_at": rolling.now, "disables": True} if rolling.disables else {"next_try_at": None}
    existing.filter(~Q(concentrator__state=State.IN_FIELD), profile__isnull=False).update(
        **{**afresh, **removed, "profile": None}
    )


def try_again(configurations: QuerySet[Configuration], now: datetime) -> int:
    """Make ``configurations`` due now, if something is to be written and is not being written; return how many.

    An operator who asks for one does not wait for its roll-out either.
    """
    waiting = configurations.filter(Q(profile__isnull=False) | Q(disables=True))
    return waiting.exclude(state=ConfigurationState.WRITING).update(**_afresh(now), waits=False)


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
        "verify_at": None,
    }


def _insert(concentrators: QuerySet[Concentrator], place: Place, rolling: Rolling, *, are_new: bool) -> None:
    """A row for each, copied by the database itself."""
    at = Value(rolling.now, DateTimeField())
    values = ("pk", "profile", Value(1), Value(ConfigurationState.PENDING.value), at, at)
    rows = concentrators.order_by("pk").values_list(
        *(*values, Value(""), Value(""), Value(0), Value(0), Value("")),
        *(Value(value=False), Value(place.roll_out, BigIntegerField()), Value(place.waits)),
    )
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(connection.ops.quote_name(column) for column in _COLUMNS)
        table = Configuration._meta.db_table
        conflict = "" if are_new else "ON CONFLICT DO NOTHING"
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} {conflict}", parameters)
