"""Begins roll-outs: notes what a change asks for as members of waves, in the transaction of the change (CFG-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.dispatch import Signal

from concentrators.models import UNSETTLED, Company, Concentrator, Outcome, RollOut, RollOutMember, State
from profiles.models import ProcedureProfile, SpontaneousProfile
from smmeplus.common.chunks import in_keys

_COLUMNS = ("roll_out_id", "concentrator_id", "wave", "was_in_field", "former_profile_id", "outcome", "since")


#: Sent with the ``roll_out`` once the change that began it is committed. What inserts many at once saves none of them.
roll_out_begun = Signal()


class Place(NamedTuple):
    """``keys`` of concentrators in one wave of a roll-out, or in none; whether their configurations wait for it.

    They are told apart here, and not by a subquery on the members: the database has no statistics yet on rows inserted
    in the same transaction, and would read all of a roll-out for each of them.
    """

    roll_out: int | None
    waits: bool
    keys: Sequence[int]


class Rolling:
    """The roll-outs that one change begins: one for each company in which something is to be written.

    ``procedure`` is locked by the caller. Without one the change begins none, and what it asks for is due at once.
    """

    def __init__(
        self,
        word: str,
        procedure: ProcedureProfile | None,
        profile: SpontaneousProfile | None,
        *,
        user: User | None,
        now: datetime,
        audit_id: UUID,
    ) -> None:
        self.word = word
        self.procedure = procedure
        self.profile = profile
        self.user = user
        self.now = now
        self.audit_id = audit_id
        self.begun: dict[int, RollOut] = {}

    @property
    def disables(self) -> bool:
        """Whether a removal first disables the wake-up in the device."""
        return self.procedure is not None and self.procedure.disables_on_removal

    def add(self, keys: Sequence[int], *, are_new: bool = False, company: int | None = None) -> list[Place]:
        """Add those of the concentrators ``keys`` whose configuration does not fit them yet; where each has its place.

        Call it when they are changed, and before their configurations are. A roll-out that asked something else of
        them, and is not through with it, is overtaken. New ones that are all in field need no look if their
        ``company`` is said.
        """
        if not are_new:
            others = RollOutMember.objects.filter(in_keys(keys, "concentrator"), outcome__in=UNSETTLED)
            others.filter(_misfits("concentrator__")).update(outcome=Outcome.OVERTAKEN, since=self.now)
        if self.procedure is None:
            return [Place(None, False, keys)]
        if are_new and company is not None:
            return self._insert({company: keys}, self.procedure)
        fleet = Concentrator.objects.filter(in_keys(keys))
        rows = (fleet if are_new else fleet.filter(_misfits())).order_by("serial_number")
        if not self.disables:
            rows = rows.filter(state=State.IN_FIELD)
        companies = defaultdict(list)
        for company, key in rows.values_list("company", "pk"):
            companies[company].append(key)
        places = self._insert(companies, self.procedure) if companies else []
        left = set(keys).difference(*(place.keys for place in places))
        return [*places, Place(None, False, list(left))] if left else places

    def _begin(self, companies: Collection[int], procedure: ProcedureProfile) -> None:
        zones = {one.pk: one.zone for one in Company.objects.filter(pk__in=companies)} if companies else {}
        made = RollOut.objects.bulk_create(
            RollOut(
                company_id=company,
                action=self.word,
                procedure=procedure,
                profile=self.profile,
                profile_name=str(self.profile or ""),
                started_by=self.user,
                began_at=self.now,
                since=self.now,
                audit_id=self.audit_id,
                is_open=procedure.may_begin(self.now, zone),
            )
            for company, zone in zones.items()
        )
        RollOut.history.bulk_history_create(made, default_user=self.user, default_date=self.now)
        transaction.on_commit(partial(_tell, made))
        self.begun |= {one.company_id: one for one in made}

    def _insert(self, companies: Mapping[int, Sequence[int]], procedure: ProcedureProfile) -> list[Place]:
        """Members of each company's roll-out, in the waves that follow from how many it has already."""
        self._begin(companies.keys() - self.begun.keys(), procedure)
        waves: defaultdict[int, list[int]] = defaultdict(list)
        places = []
        for company, keys in companies.items():
            one = self.begun[company]
            for wave, part in in_waves(procedure.wave_sizes, one.size, keys):
                waves[wave] += part
                places.append(Place(one.pk, wave > 1 or not one.is_open, part))
                one.waves = wave
            one.size += len(keys)
        for wave, keys in waves.items():
            _insert(list(self.begun.values()), wave, keys, self.now)
        RollOut.objects.bulk_update([self.begun[company] for company in companies], ["size", "waves"])
        return places


def _tell(begun: Collection[RollOut]) -> None:
    for one in begun:
        roll_out_begun.send(RollOut, roll_out=one)


def in_waves(sizes: Sequence[int | None], before: int, keys: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """``keys``, cut into waves, numbered from 1 on; so many as ``before`` have their places already. Pure."""
    end = 0
    for wave, size in enumerate(sizes, 1):
        begin, end = end, before + len(keys) if size is None else end + size
        part = keys[max(begin - before, 0) : max(end - before, 0)]
        if part:
            yield wave, part


def _misfits(path: str = "") -> Q:
    """Whether another profile is to be written than its concentrator shall have, or nothing although it is in field."""
    in_field, written = Q(**{f"{path}state": State.IN_FIELD}), f"{path}configuration__profile"
    none = Q(**{f"{written}__isnull": True})
    return in_field & (none | ~Q(**{written: F(f"{path}profile")})) | ~in_field & ~none


def _insert(roll_outs: Collection[RollOut], wave: int, keys: Sequence[int], now: datetime) -> None:
    """A member for each, copied by the database itself."""
    outcome = Outcome.RELEASED if wave == 1 else Outcome.WAITING
    of_company: Value | Subquery
    if len(roll_outs) == 1:  # as in a file, whose hundreds of thousands of members need not look for it
        of_company = Value(next(iter(roll_outs)).pk, BigIntegerField())
    else:
        candidates = RollOut.objects.filter(pk__in=[one.pk for one in roll_outs], company=OuterRef("company"))
        of_company = Subquery(candidates.order_by().values("pk")[:1])
    was_in_field = ExpressionWrapper(Q(configuration__profile__isnull=False), BooleanField())
    rows = (
        Concentrator.objects.filter(in_keys(keys))
        .order_by("serial_number")
        .values_list(
            *(of_company, "pk", Value(wave), was_in_field),
            *("configuration__profile", Value(outcome.value), Value(now, DateTimeField())),
        )
    )
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(connection.ops.quote_name(column) for column in _COLUMNS)
        cursor.execute(f"INSERT INTO {RollOutMember._meta.db_table} ({columns}) {select}", parameters)
